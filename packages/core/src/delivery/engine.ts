import { AsyncResource } from 'node:async_hooks';
import { messageOf, VeroError } from '../errors.ts';
import type { QueueRecord } from '../queue/contract.ts';
import type { PauseReason, Reporter } from '../reporter.ts';
import type { Transport } from '../transport/contract.ts';
import type { Waiting } from '../waiting.ts';
import { containRejection, isThenable, settled, within } from '../within.ts';
import { Attempts } from './attempt.ts';
import type { Credential } from './credential.ts';
import { type DecisionOptions, Decisions } from './decisions.ts';
import { Gate } from './gate.ts';
import type { Ledger } from './ledger.ts';

export interface EngineOptions extends DecisionOptions {
  /** Whether anything is sent at all. */
  readonly enabled: boolean;
  /** Whether it takes from a queue from which others deliver, too. */
  readonly delivers: boolean;
  readonly transport: Transport;
  readonly credential: Credential;
  readonly url: string;
  readonly concurrency: number;
  readonly timeoutMs: number;
}

/** How long a queue that failed is left alone. */
const QUEUE_RETRY_MS = 1_000;
/** How often a queue that others share is looked into. */
const SHARED_LOOK_MS = 2_000;
/** How many records are asked for at once. */
const MISSING_BATCH = 500;
/** How long a record is left alone that this version can't read. */
const UNKNOWN_RETRY_MS = 5 * 60_000;

/** Moves accepted events from the queue through the transport, each to exactly one end. */
export class Engine {
  readonly attempts: Attempts;
  readonly decisions: Decisions;
  readonly #options: EngineOptions;
  readonly #ledger: Ledger;
  readonly #reporter: Reporter;
  readonly #waiting: Waiting;
  readonly #gate: Gate;
  /** Whether events end here as soon as the queue has them. */
  readonly #handsOver: boolean;
  readonly #unsubscribe: readonly ((() => void) | undefined)[];
  readonly #inFlight = new Set<string>();
  /** Where the client was made: delivery belongs to no request, whose async context it would keep, and be traced in. */
  readonly #home = new AsyncResource('VerotrackDelivery', { requireManualDestroy: true });
  #isClosed = false;
  #isFinishing = false;
  #isStopped = false;
  #isPumpDue = false;
  #pumping: Promise<void> | undefined;
  #isPumpMissed = false;
  #isQueueAway = false;
  #wake: NodeJS.Timeout | undefined;
  /** When it fires, in milliseconds since 1970. */
  #wakeAt = Number.POSITIVE_INFINITY;
  #lookedAt = 0;
  #looked: 'never' | 'into' | 'through';

  constructor(options: EngineOptions, ledger: Ledger, reporter: Reporter, waiting: Waiting) {
    this.#options = options;
    this.#ledger = ledger;
    this.#reporter = reporter;
    this.#waiting = waiting;
    this.#gate = new Gate(options.retry, reporter);
    this.attempts = new Attempts(options, ledger, reporter);
    this.decisions = new Decisions(options, ledger, reporter, this.#gate);
    const { queue } = options;
    this.#handsOver = queue.handsOver === true && !options.delivers;
    this.#unsubscribe = [
      this.#handsOver ? undefined : queue.onAvailable?.((records) => this.#available(records)),
      queue.onProblem?.((thrown) => this.#queueFailed(thrown)),
    ];
    // An earlier run may have left something.
    this.#looked = queue.isDurable && options.enabled && !this.#handsOver ? 'never' : 'through';
    if (this.#looked === 'never') this.#pumpSoon();
  }

  get paused(): PauseReason | undefined {
    return this.#gate.paused;
  }

  /** Whether the first of what an earlier run left in the queue has been taken. */
  get hasLookedInto(): boolean {
    return this.#looked !== 'never';
  }

  /** Whether all of it has been taken. */
  get hasLookedThrough(): boolean {
    return this.#looked === 'through';
  }

  /** Takes responsibility for an event. Never throws. `onEnd` is called when the event ended, whichever way. */
  accept(record: QueueRecord, onEnd?: () => void): void {
    this.#ledger.accept(record, onEnd);
    if (this.#isClosed) return this.#ledger.drop(record.id, 'closed');
    try {
      const put = this.#options.queue.put([record]);
      if (isThenable(put)) {
        this.#ledger.storing(record.id);
        settled(put)
          .then((dropped) => this.#stored(record, dropped))
          .catch((thrown: unknown) => this.#notStored(record, thrown));
      } else this.#stored(record, put);
    } catch (thrown) {
      this.#notStored(record, thrown);
    }
  }

  /** From now on, what is accepted is dropped as `closed`. */
  refuseNew(): void {
    this.#isClosed = true;
  }

  /** Begins no more attempts, and waits for those under way. */
  async finish(limitMs: number): Promise<void> {
    this.#isFinishing = true;
    await this.#waiting.until(() => this.#inFlight.size === 0, limitMs);
  }

  /**
   * Ends all attempts, within `limitMs`. What still waits stays in a durable queue, and is dropped as `closed` from any
   * other.
   */
  async stop(limitMs: number): Promise<void> {
    if (this.#isStopped) return;
    const { queue } = this.#options;
    this.#isClosed = true;
    this.#isStopped = true;
    this.#looked = 'through';
    clearTimeout(this.#wake);
    this.#stopListening();
    const underWay = [...this.#inFlight];
    const ids = this.#ledger.ids;
    for (const id of ids) {
      if (queue.isDurable && this.#ledger.isQueued(id)) this.#ledger.handOver(id);
      else this.#ledger.drop(id, 'closed');
    }
    this.attempts.stop();
    try {
      await within(limitMs, async () => {
        if (!queue.isDurable) return await queue.ack(ids);
        await Promise.all([this.#pumping, this.#giveBack(underWay)]);
      });
    } catch (thrown) {
      this.#queueFailed(thrown);
    }
  }

  #stopListening(): void {
    for (const unsubscribe of this.#unsubscribe) {
      try {
        containRejection(unsubscribe?.(), (thrown) => this.#queueFailed(thrown));
      } catch (thrown) {
        this.#queueFailed(thrown);
      }
    }
  }

  /** A queue that fails for one record must not keep others from their turn. */
  async #contained(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      this.#queueFailed(thrown);
    }
  }

  /** Looks now for what others have put into the queue, or have taken out of it. */
  look(): void {
    this.#lookedAt = 0;
    this.#pumpSoon();
  }

  #available(records: readonly QueueRecord[]): void {
    if (!this.#options.enabled) return;
    for (const record of records) {
      if (record.project !== this.#options.project) continue;
      this.#ledger.take(record);
    }
    this.#pumpSoon();
  }

  #stored(record: QueueRecord, dropped: readonly QueueRecord[]): void {
    this.#ledger.queued(record.id);
    for (const each of dropped) {
      // Another process may have accepted it.
      this.#ledger.take(each);
      this.#ledger.drop(each.id, 'overflow');
    }
    if (this.#handsOver) return this.#ledger.handOver(record.id);
    // With every place taken the end of an attempt pumps, and during a pause the timer that waits for its end.
    const isTimerSet = this.#wakeAt <= (this.#gate.pausedUntil ?? 0);
    if (this.#inFlight.size < this.#options.concurrency && !isTimerSet) this.#pumpSoon();
  }

  #notStored(record: QueueRecord, thrown: unknown): void {
    // Dropped meanwhile, and told.
    if (!this.#ledger.has(record.id)) return;
    this.#ledger.notQueued(record.id);
    this.#queueFailed(thrown);
    this.#ledger.drop(record.id, 'queue-failed');
  }

  #queueFailed(thrown: unknown): void {
    const error = new VeroError('VERO_QUEUE', `The queue failed: ${messageOf(thrown)}`, { cause: thrown });
    this.#reporter.emit('error', { error });
  }

  #pumpSoon(): void {
    if (this.#isPumpDue || this.#isStopped || this.#handsOver) return;
    this.#isPumpDue = true;
    // After the request that brought the event has had its turn.
    setImmediate(() => {
      this.#isPumpDue = false;
      this.#home.runInAsyncScope(() => this.#pump());
    });
  }

  #pump(): void {
    if (this.#isStopped) return;
    this.#isPumpMissed = this.#pumping !== undefined;
    this.#pumping ??= this.#fillRoom().finally(() => {
      this.#pumping = undefined;
      if (this.#isPumpMissed) this.#pumpSoon();
    });
  }

  async #fillRoom(): Promise<void> {
    clearTimeout(this.#wake);
    this.#wakeAt = Number.POSITIVE_INFINITY;
    try {
      let room = this.#room();
      while (room > 0) {
        const records = await this.#options.queue.take(room, this.#leaseMs, this.#options.project);
        // Closed meanwhile.
        if (this.#isStopped) return await this.#giveBack(records.map(({ id }) => id));
        for (const record of records) {
          const refused = this.#begin(record);
          if (refused) await this.#contained(() => refused);
        }
        // Fewer than were asked for may be all that it can give just now.
        this.#hasLooked(records.length === 0 ? 'through' : 'into');
        if (records.length < room) break;
        room = this.#room();
      }
      await this.#handOverMissing();
      await this.#wakeWhenDue();
      this.#isQueueAway = false;
    } catch (thrown) {
      // It is asked again and again, and told once.
      if (!this.#isQueueAway) this.#queueFailed(thrown);
      this.#isQueueAway = true;
      this.#hasLooked('through');
      this.#wakeIn(QUEUE_RETRY_MS);
    }
  }

  /** So that the next run need not wait for the end of a lease. */
  async #giveBack(ids: readonly string[]): Promise<void> {
    const { queue } = this.#options;
    if (!queue.isDurable) return;
    const now = Date.now();
    // Vero may have what was under way.
    await Promise.all(
      ids.map((id) => this.#contained(async () => await queue.retry(id, now, this.#inFlight.has(id)))),
    );
  }

  /** A lease outlives its attempt, whatever the callbacks before it take. */
  get #leaseMs(): number {
    return 2 * this.#options.timeoutMs + 60_000;
  }

  #room(): number {
    const { enabled, concurrency } = this.#options;
    if (!enabled || this.#isFinishing || this.#isStopped) return 0;
    return this.#gate.room(concurrency - this.#inFlight.size, Date.now());
  }

  #hasLooked(how: 'into' | 'through'): void {
    if (this.#looked === 'through' || this.#looked === how) return;
    this.#looked = how;
    this.#waiting.changed();
  }

  /** Begins an attempt, unless the record must go back, which it returns. */
  #begin(record: QueueRecord): Promise<void> | undefined {
    const { queue } = this.#options;
    const putBack = async (notBefore: number): Promise<void> =>
      await queue.retry(record.id, notBefore, false);
    if (record.v !== 1 || record.kind !== 'track') {
      const what = `a record of version ${String(record.v)} and kind "${String(record.kind)}"`;
      const message = `The queue holds ${what}, which this version can't read: it waits for one that can.`;
      this.#reporter.emit('error', { error: new VeroError('VERO_QUEUE', message), name: record.name });
      return putBack(Date.now() + UNKNOWN_RETRY_MS);
    }
    // While the queue answered, delivery may have been paused.
    if (this.#room() <= 0) return putBack(record.notBefore);
    void this.#deliver(record);
    return undefined;
  }

  /** What another process has ended is no longer ours. */
  async #handOverMissing(): Promise<void> {
    const { queue } = this.#options;
    if (!queue.missing || Date.now() - this.#lookedAt < SHARED_LOOK_MS) return;
    this.#lookedAt = Date.now();
    for (;;) {
      const ids = this.#ledger.queuedIds(MISSING_BATCH).filter((id) => !this.#inFlight.has(id));
      const missing = ids.length > 0 ? await queue.missing(ids) : [];
      // Meanwhile one may have come back, and be under way.
      for (const id of missing) if (!this.#inFlight.has(id)) this.#ledger.handOver(id);
      if (missing.length < MISSING_BATCH) return;
    }
  }

  async #wakeWhenDue(): Promise<void> {
    // With every place taken, or a probe under way, the end of an attempt pumps again.
    if (this.#inFlight.size >= this.#options.concurrency || this.#gate.isProbing) return;
    const { queue, project } = this.#options;
    const nextDueAt = await queue.nextDueAt(project);
    // Others who share the queue may put something in it, or die with what they took.
    const patience = queue.isDurable ? SHARED_LOOK_MS : Number.POSITIVE_INFINITY;
    if (nextDueAt === undefined) {
      if (patience !== Number.POSITIVE_INFINITY) this.#wakeIn(patience);
      return;
    }
    const due = Math.max(nextDueAt, this.#gate.pausedUntil ?? 0) - Date.now();
    // What is due and yet was not given has just been taken by another.
    this.#wakeIn(Math.min(due > 0 ? due : QUEUE_RETRY_MS, patience));
  }

  #wakeIn(ms: number): void {
    if (this.#isStopped) return;
    clearTimeout(this.#wake);
    const delayMs = Math.min(Math.max(ms, 1), 60_000);
    this.#wakeAt = Date.now() + delayMs;
    this.#wake = setTimeout(() => this.#pumpSoon(), delayMs).unref();
  }

  async #deliver(record: QueueRecord): Promise<void> {
    this.#inFlight.add(record.id);
    this.#gate.started(record.id);
    this.#ledger.take(record);
    try {
      if (this.decisions.mayHoldBack(record) && (await this.decisions.isHeldBack(record))) return;
      const concluded = this.decisions.conclude(record, await this.attempts.make(record));
      if (concluded) await concluded;
    } catch (thrown) {
      // Only the queue can fail here; its lease brings the record back.
      if (!this.#isStopped) this.#queueFailed(thrown);
    } finally {
      this.#inFlight.delete(record.id);
      this.#gate.ended(record.id);
      this.#pumpSoon();
      if (this.#isFinishing) this.#waiting.changed();
    }
  }
}
