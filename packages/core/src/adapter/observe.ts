import { internalsOf } from '../internals.ts';
import type { QueueRecord } from '../queue/contract.ts';

/** How much of a client's work is not over. */
export interface OpenWork {
  /** Requests, calls and `run`s that have not ended. */
  readonly open: number;
  /** Declared and `trackOnSuccess` events that are not decided. */
  readonly undecided: number;
}

/**
 * Calls `listener` with each event that the client accepts, at once, until the returned function is called. It must not throw.
 *
 * @throws {VeroError} `VERO_CONFIG` when `vero` is no client
 */
export function onAccepted(
  vero: unknown,
  where: string,
  listener: (record: QueueRecord) => void,
): () => void {
  return internalsOf(vero, where).ledger.onAccepted((facts) => {
    // What is accepted only to be dropped was never encoded.
    if ('body' in facts) listener(facts as QueueRecord);
  });
}

/**
 * Waits until no work is open and what has ended is decided: longer than `flush`, which does not wait for open work.
 *
 * @returns what is left at the timeout
 * @throws {VeroError} `VERO_CONFIG` when `vero` is no client
 */
export async function whenWorkIsOver(vero: unknown, where: string, timeoutMs: number): Promise<OpenWork> {
  const { scopes } = internalsOf(vero, where);
  await scopes.whenQuiet(timeoutMs);
  return { open: scopes.open, undecided: scopes.deferred };
}
