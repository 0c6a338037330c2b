import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

const SEPARATOR = '/';

/** A name for one queue of one process, that says whether the process still lives. */
export function newOwner(): string {
  return [encodeURIComponent(hostname()), process.pid, randomUUID()].join(SEPARATOR);
}

/** Whether the process that took a record is known to be gone. Of another host, or container, nothing is known. */
export function isGone(owner: string): boolean {
  const [host, pid] = owner.split(SEPARATOR);
  if (host !== encodeURIComponent(hostname()) || !/^\d+$/.test(pid ?? '')) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (thrown) {
    return (thrown as { code?: string }).code === 'ESRCH';
  }
}
