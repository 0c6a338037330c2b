import { setTimeout as wait } from 'node:timers/promises';
import { DeliveryError, VeroError } from '../errors.ts';
import type { QueueRecord } from '../queue/contract.ts';
import type { Engine } from './engine.ts';
import type { Ledger } from './ledger.ts';
import { backoff } from './retry.ts';

const MAX_ATTEMPTS = 3;
const BACKOFF = { baseMs: 200, maxMs: 2_000 };

export interface SendLimits {
  /** When it must be over, in milliseconds since 1970. */
  readonly deadline: number;
  /** How long an attempt may take, in milliseconds. */
  readonly attemptMs: number;
}

/**
 * Sends one event past the queue: a few attempts, until the deadline.
 *
 * @throws {DeliveryError} when Vero doesn't have it then
 * @throws {VeroError} `VERO_NOT_SENT` when `beforeSend` said no or the client was closed, `VERO_CALLBACK_FAILED`
 */
export async function sendNow(
  engine: Engine,
  ledger: Ledger,
  record: QueueRecord,
  { deadline, attemptMs }: SendLimits,
): Promise<void> {
  const { id, name } = record;
  const left = (): number => Math.max(1, deadline - Date.now());
  ledger.accept(record);
  if (!(await mayBeSent(engine, ledger, record, left()))) {
    ledger.drop(id, 'vetoed');
    throw new VeroError('VERO_NOT_SENT', `send: beforeSend vetoed event "${name}"`);
  }
  for (let attempts = 0; ; attempts++) {
    if (!ledger.has(id))
      throw new VeroError('VERO_NOT_SENT', `send: the client was closed, so "${name}" was not sent`);
    const failed = await engine.attempts.make({ ...record, attempts }, Math.min(left(), attemptMs), false);
    if (!ledger.has(id)) {
      const message = `send: the client was closed during an attempt, so Vero may have "${name}", or not`;
      throw new DeliveryError(message, { attempts: attempts + 1, event: record, cause: failed?.error });
    }
    if (!failed) return ledger.delivered(id, attempts + 1);
    const { verdict, error } = failed;
    if (verdict.kind === 'rejected') {
      ledger.rejected(id, error);
      throw error;
    }
    const asked = verdict.kind === 'throttled' ? verdict.retryAfterMs : undefined;
    const delayMs = asked ?? backoff(attempts, BACKOFF);
    const isWorthIt =
      verdict.kind === 'retry' || verdict.kind === 'throttled' || verdict.kind === 'unauthorized';
    if (!isWorthIt || attempts + 1 >= MAX_ATTEMPTS || Date.now() + delayMs >= deadline) {
      return fail(ledger, id, error);
    }
    await wait(delayMs, undefined, { signal: engine.attempts.stopped }).catch(() => undefined);
  }
}

async function mayBeSent(
  engine: Engine,
  ledger: Ledger,
  record: QueueRecord,
  limitMs: number,
): Promise<boolean> {
  try {
    return await engine.decisions.mayBeSent(record, limitMs);
  } catch (error) {
    return fail(ledger, record.id, error as VeroError);
  }
}

function fail(ledger: Ledger, id: string, error: VeroError | DeliveryError): never {
  ledger.drop(id, 'send-failed');
  throw error;
}
