import { DeliveryError, VeroError } from '../errors.ts';
import type { QueueRecord } from '../queue/contract.ts';
import type { Engine } from './engine.ts';
import { backoff } from './retry.ts';

const MAX_ATTEMPTS = 3;
const BACKOFF = { baseMs: 200, maxMs: 2_000 };

/**
 * Sends one event past the queue: a few attempts, bounded by `timeoutMs` in all.
 *
 * @throws {DeliveryError} when Vero doesn't have it then
 */
export async function sendNow(
  engine: Engine,
  record: QueueRecord,
  timeoutMs: number,
  attemptMs: number,
): Promise<void> {
  if (engine.paused) {
    const message = `send: delivery is paused (${engine.paused}), so event "${record.name}" was not tried`;
    throw new DeliveryError(message, { attempts: 0, event: record }, 'VERO_PAUSED');
  }
  const deadline = Date.now() + timeoutMs;
  engine.begin(record);
  for (let attempts = 0; ; attempts++) {
    const left = deadline - Date.now();
    const { verdict, error } = await engine.attempts.make(
      { ...record, attempts },
      Math.max(1, Math.min(left, attemptMs)),
    );
    if (verdict.kind === 'delivered') return engine.delivered(record.id, attempts + 1);
    if (!engine.isPending(record.id))
      throw new VeroError('VERO_NOT_SENT', 'send: the client was closed meanwhile');
    if (verdict.kind === 'rejected') {
      engine.rejected(record.id, error);
      throw error;
    }
    const asked = verdict.kind === 'throttled' ? verdict.retryAfterMs : undefined;
    const delayMs = asked ?? backoff(attempts, BACKOFF);
    const isWorthIt =
      verdict.kind === 'retry' || verdict.kind === 'throttled' || verdict.kind === 'unauthorized';
    if (!isWorthIt || attempts + 1 >= MAX_ATTEMPTS || Date.now() + delayMs >= deadline) {
      engine.drop(record.id, 'send-failed');
      throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
}
