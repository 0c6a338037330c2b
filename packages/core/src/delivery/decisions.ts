import { type DeliveryError, messageOf, VeroError } from '../errors.ts';
import { type EventInfo, infoOf } from '../event-info.ts';
import type { EventQueue, QueueRecord } from '../queue/contract.ts';
import type { Reporter } from '../reporter.ts';
import { isThenable, within } from '../within.ts';
import type { FailedAttempt } from './attempt.ts';
import type { Gate } from './gate.ts';
import type { AttemptHistory, Ledger } from './ledger.ts';
import { backoff, withinDeduplicationWindow } from './retry.ts';

/** An accepted event, as `beforeSend` sees it. */
export interface SendCandidate extends EventInfo {
  /** Who did it, as Vero would get it. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** What describes it, as Vero would get it; `undefined` where there is nothing. */
  readonly data: Readonly<Record<string, unknown>> | undefined;
}

export interface DecisionOptions {
  readonly queue: EventQueue;
  readonly project: string;
  readonly retry: {
    readonly baseMs: number;
    readonly maxMs: number;
    readonly maxAgeMs: number;
    readonly maxAttempts: number;
  };
  readonly beforeSend: ((event: SendCandidate) => boolean | Promise<boolean>) | undefined;
}

const BEFORE_SEND_TIMEOUT_MS = 5_000;

/** What becomes of a record before its attempt, and after. Rejects only if the queue fails. */
export class Decisions {
  readonly #options: DecisionOptions;
  readonly #ledger: Ledger;
  readonly #reporter: Reporter;
  readonly #gate: Gate;

  constructor(options: DecisionOptions, ledger: Ledger, reporter: Reporter, gate: Gate) {
    this.#options = options;
    this.#ledger = ledger;
    this.#reporter = reporter;
    this.#gate = gate;
  }

  /**
   * Asks `beforeSend`.
   *
   * @throws {VeroError} `VERO_CALLBACK_FAILED`, also when it takes longer than `limitMs`
   */
  async mayBeSent(record: QueueRecord, limitMs: number = BEFORE_SEND_TIMEOUT_MS): Promise<boolean> {
    const { beforeSend } = this.#options;
    if (!beforeSend) return true;
    try {
      const limit = Math.min(limitMs, BEFORE_SEND_TIMEOUT_MS);
      const answer: unknown = await within(limit, () => beforeSend(candidateOf(record)));
      if (typeof answer === 'boolean') return answer;
      throw new TypeError('it must answer true or false');
    } catch (thrown) {
      throw new VeroError('VERO_CALLBACK_FAILED', `beforeSend failed: ${messageOf(thrown)}`, {
        cause: thrown,
      });
    }
  }

  /** Whether {@link isHeldBack} has anything to ask: it rarely has, and every event waits for its answer. */
  mayHoldBack(record: QueueRecord): boolean {
    return this.#gate.paused === 'forbidden' || (!!this.#options.beforeSend && record.attempts === 0);
  }

  /** Whether it is not sent now, which has then been seen to. */
  async isHeldBack(record: QueueRecord): Promise<boolean> {
    if (this.#isUselessProbe(record.id)) {
      await this.#again(record, { delayMs: backoff(3, this.#options.retry), countsAttempt: false });
      return true;
    }
    if (!this.#options.beforeSend || record.attempts > 0) return false;
    try {
      if (await this.mayBeSent(record)) return false;
    } catch (error) {
      this.#reporter.emit('error', {
        error: error as VeroError,
        name: record.name,
        callback: 'beforeSend',
      });
      // Consent is not known, so the event waits.
      await this.#again(record, { delayMs: backoff(3, this.#options.retry), countsAttempt: false });
      return true;
    }
    await this.#options.queue.ack([record.id]);
    this.#ledger.drop(record.id, 'vetoed');
    return true;
  }

  /** While Vero forbids everything, an event that it forbade tells nothing; one that it never saw does. */
  #isUselessProbe(id: string): boolean {
    return this.#gate.paused === 'forbidden' && this.#ledger.isForbidden(id) && !this.#ledger.isAllForbidden;
  }

  /** Does what the end of an attempt asks for: `failed`, or nothing when Vero has the event. */
  conclude(record: QueueRecord, failed: FailedAttempt | undefined): void | Promise<void> {
    // Stopped meanwhile: the event has ended, and its attempt says nothing any more.
    if (!this.#ledger.has(record.id)) return;
    return failed ? this.#failed(record, failed) : this.#delivered(record);
  }

  #delivered(record: QueueRecord): void | Promise<void> {
    const { id } = record;
    this.#gate.passed(id);
    // Told only when the queue has let go of it: a listener may track an event with the same id.
    const tell = (): void => this.#ledger.delivered(id, record.attempts + 1);
    const acknowledged = this.#options.queue.ack([id]);
    if (isThenable(acknowledged)) return Promise.resolve(acknowledged).then(tell);
    tell();
  }

  async #failed(record: QueueRecord, failed: FailedAttempt): Promise<void> {
    const { id } = record;
    const { verdict, error, wasCurrentToken } = failed;
    const history = this.#ledger.historyOf(id);
    if (!history) return;
    switch (verdict.kind) {
      case 'rejected':
        return await this.#reject(record, error);
      case 'retry':
        this.#gate.failed(id, error);
        return await this.#retryOwnFailure(record, history, error);
      case 'throttled':
        this.#gate.pause(id, 'retry-after', error, verdict.retryAfterMs);
        await this.#options.queue.pauseUntil(this.#gate.pausedUntil ?? Date.now(), this.#options.project);
        return await this.#again(record, { error, delayMs: 0, countsAttempt: false });
      case 'unauthorized':
        // With a newer token at hand, only this attempt was late.
        if (wasCurrentToken) this.#gate.pause(id, 'unauthorized', error);
        return await this.#again(record, { error, delayMs: 0, countsAttempt: false });
      case 'misconfigured':
        this.#gate.pause(id, 'misconfigured', error);
        return await this.#again(record, { error, delayMs: 0, countsAttempt: false });
      case 'forbidden':
        return await this.#forbidden(record, history, error);
    }
  }

  async #reject(record: QueueRecord, error: DeliveryError): Promise<void> {
    this.#gate.passed(record.id);
    await this.#options.queue.dead(record.id, error.message);
    this.#ledger.rejected(record.id, error);
  }

  async #giveUp(id: string, reason: 'expired' | 'max-attempts', error: DeliveryError): Promise<void> {
    await this.#options.queue.dead(id, error.message);
    this.#ledger.drop(id, reason);
  }

  #isTooOld({ acceptedAt }: QueueRecord): boolean {
    return Date.now() - acceptedAt > this.#options.retry.maxAgeMs;
  }

  async #retryOwnFailure(record: QueueRecord, history: AttemptHistory, error: DeliveryError): Promise<void> {
    const { retry } = this.#options;
    if (this.#isTooOld(record)) return await this.#giveUp(record.id, 'expired', error);
    if (record.attempts + 1 >= retry.maxAttempts) {
      return await this.#giveUp(record.id, 'max-attempts', error);
    }
    let delayMs = backoff(record.attempts, retry);
    if (history.ambiguousSince !== undefined) {
      delayMs = withinDeduplicationWindow(delayMs, history.ambiguousSince, Date.now());
    }
    await this.#again(record, { error, delayMs, countsAttempt: true });
  }

  /**
   * A 403 may be a firewall's dislike of one body or of all of them. The event waits until another one passes:
   * when it is then refused again, it was the event.
   */
  async #forbidden(record: QueueRecord, history: AttemptHistory, error: DeliveryError): Promise<void> {
    const { passes } = this.#gate;
    if (history.forbidden && passes > history.forbidden.passesSeen) return await this.#reject(record, error);
    if (this.#isTooOld(record)) return await this.#giveUp(record.id, 'expired', error);
    const times = (history.forbidden?.times ?? 0) + 1;
    history.forbidden = { times, passesSeen: passes };
    this.#gate.forbade(record.id, error);
    // After the next probe, so that the probe is another event.
    const untilProbe = Math.max(0, (this.#gate.pausedUntil ?? 0) - Date.now());
    const delayMs = untilProbe + backoff(times, this.#options.retry);
    await this.#again(record, { error, delayMs, countsAttempt: false });
  }

  async #again(
    record: QueueRecord,
    { error, delayMs, countsAttempt }: { error?: DeliveryError; delayMs: number; countsAttempt: boolean },
  ): Promise<void> {
    if (error) {
      this.#ledger.counters.retries++;
      this.#reporter.emit('retrying', { event: infoOf(record), error, delayMs });
    }
    await this.#options.queue.retry(record.id, Date.now() + delayMs, countsAttempt);
  }
}

function candidateOf(record: QueueRecord): SendCandidate {
  const { identity, data } = JSON.parse(record.body) as Pick<SendCandidate, 'identity' | 'data'>;
  return { ...infoOf(record), identity, data };
}
