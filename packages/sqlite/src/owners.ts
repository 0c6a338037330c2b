import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/** Not in what `encodeURIComponent` gives, and allowed in the name of a file. */
const SEPARATOR = '+';

/** The start of a process as two of its threads see it, in milliseconds. */
const SAME_START_MS = 100;

/** A name for one queue of one process, that says whether the process still lives. */
export function newOwner(): string {
  return [encodeURIComponent(hostname()), process.pid, startedAt(), randomUUID()].join(SEPARATOR);
}

/** Whether the process that took a record is known to be gone. Of another host, or container, nothing is known. */
export function isGone(owner: string): boolean {
  const [host, pid, start] = owner.split(SEPARATOR);
  if (host !== encodeURIComponent(hostname()) || !/^\d+$/.test(pid ?? '')) return false;
  // In a container each run has the same number.
  if (Number(pid) === process.pid) return Math.abs(Number(start) - startedAt()) > SAME_START_MS;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (thrown) {
    return (thrown as { code?: string }).code === 'ESRCH';
  }
}

/** By the machine's clock that nobody sets; the same in all threads. */
function startedAt(): number {
  return Math.round(Number(process.hrtime.bigint()) / 1e6 - process.uptime() * 1_000);
}
