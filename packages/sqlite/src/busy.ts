import { setTimeout as wait } from 'node:timers/promises';

/** SQLite's own waiting tries five times in 25 ms, and starves beside a busy process. */
const POLL_MS = 0.5;
const SQLITE_BUSY = 5;

const clock = new Int32Array(new SharedArrayBuffer(4));

/** Does what another process may keep us from for a moment, and holds the thread up meanwhile. */
export function persistently<T>(limitMs: number, work: () => T): T {
  const deadline = performance.now() + limitMs;
  for (;;) {
    try {
      return work();
    } catch (thrown) {
      if (!isBusy(thrown) || performance.now() >= deadline) throw thrown;
    }
    Atomics.wait(clock, 0, 0, POLL_MS);
  }
}

export interface Patience {
  readonly limitMs: number;
  readonly isOver: () => boolean;
  /** Whether the process stays for it. */
  readonly ref: boolean;
}

/** Does it at once if nobody has the file locked, and otherwise as soon as that is over, without holding anything up. */
export function patiently<T>(patience: Patience, work: () => T): T | Promise<T> {
  try {
    return work();
  } catch (thrown) {
    if (!isBusy(thrown)) throw thrown;
    return again(patience, work);
  }
}

async function again<T>({ limitMs, isOver, ref }: Patience, work: () => T): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    await wait(1 + 4 * Math.random(), undefined, { ref });
    try {
      return work();
    } catch (thrown) {
      if (!isBusy(thrown) || isOver() || performance.now() >= deadline) throw thrown;
    }
  }
}

function isBusy(thrown: unknown): boolean {
  const { errcode } = thrown as { errcode?: unknown };
  return typeof errcode === 'number' && (errcode & 0xff) === SQLITE_BUSY;
}
