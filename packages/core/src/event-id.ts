import { randomUUID } from 'node:crypto';

/** A UUID of version 7 (RFC 9562): its first 48 bits are the time, so that ids sort by it. */
export function newEventId(now: number = Date.now()): string {
  const time = now.toString(16).padStart(12, '0');
  // Version 4 has its random bits and its variant where version 7 wants them.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
