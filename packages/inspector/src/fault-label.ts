import type { Fault } from './faults.ts';

/** A fault in words. */
export function labelOf(fault: Fault): string {
  if (typeof fault === 'string') return fault;
  if ('delayMs' in fault) return `${fault.delayMs} ms late`;
  const [, retryAfter] =
    Object.entries(fault.headers ?? {}).find(([name]) => name.toLowerCase() === 'retry-after') ?? [];
  return retryAfter === undefined ? String(fault.status) : `${fault.status} with Retry-After: ${retryAfter}`;
}
