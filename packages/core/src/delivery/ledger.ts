import type { DeliveryError } from '../errors.ts';
import type { QueueRecord } from '../queue/contract.ts';
import type { DropReason, EventInfo, Reporter } from '../reporter.ts';
import type { Waiting } from '../waiting.ts';
import { DEDUPLICATION_WINDOW_MS } from './retry.ts';

/** How accepted events ended, and how many have not. */
export interface DeliveryCounters {
  /** Accepted by this client. */
  accepted: number;
  /** Taken from the queue though another process, an earlier run or a replay put them there. */
  taken: number;
  delivered: number;
  rejected: number;
  dropped: number;
  /** Left to a queue that outlives this client. */
  handedOver: number;
  /** Attempts that failed and are made again. */
  retries: number;
}

/** What is remembered of an event that has not ended. */
export interface Pending {
  readonly info: EventInfo;
  readonly onEnd: (() => void) | undefined;
  /** When the first attempt began whose fate is unknown. */
  ambiguousSince: number | undefined;
  isUnderWay: boolean;
  /** Whether the queue has been given it, and has not answered. */
  isBeingStored: boolean;
  /** Whether the queue has it, or had it. */
  isQueued: boolean;
  forbidden: { times: number; passesSeen: number } | undefined;
}

type Facts = Pick<QueueRecord, 'id' | 'name' | 'acceptedAt'>;

/** The books: every event that is entered ends in exactly one way, which is counted and told. */
export class Ledger {
  readonly counters: DeliveryCounters = {
    accepted: 0,
    taken: 0,
    delivered: 0,
    rejected: 0,
    dropped: 0,
    handedOver: 0,
    retries: 0,
  };
  readonly #reporter: Reporter;
  readonly #waiting: Waiting;
  readonly #pending = new Map<string, Pending>();
  readonly #acceptedListeners = new Set<(facts: Facts) => void>();

  constructor(reporter: Reporter, waiting: Waiting) {
    this.#reporter = reporter;
    this.#waiting = waiting;
  }

  get pending(): number {
    return this.#pending.size;
  }

  get oldestPendingMs(): number | undefined {
    const [oldest] = this.#pending.values();
    return oldest && Math.max(0, Date.now() - oldest.info.acceptedAt);
  }

  get ids(): readonly string[] {
    return [...this.#pending.keys()];
  }

  find(id: string): Pending | undefined {
    return this.#pending.get(id);
  }

  has(id: string): boolean {
    return this.#pending.has(id);
  }

  /** Whether an event is pending of which this is true. */
  some(isSo: (pending: Pending) => boolean): boolean {
    for (const pending of this.#pending.values()) if (isSo(pending)) return true;
    return false;
  }

  /** The queue has been asked to store it. */
  storing(id: string): void {
    const pending = this.#pending.get(id);
    if (pending) pending.isBeingStored = true;
  }

  /** The queue has it. */
  queued(id: string): void {
    const pending = this.#pending.get(id);
    if (pending) Object.assign(pending, { isQueued: true, isBeingStored: false });
  }

  /** The queue does not have it. */
  notQueued(id: string): void {
    const pending = this.#pending.get(id);
    if (pending) pending.isBeingStored = false;
  }

  /** Up to `count` ids of the oldest events that the queue has. */
  queuedIds(count: number): string[] {
    const ids: string[] = [];
    for (const [id, { isQueued }] of this.#pending) {
      if (ids.length >= count) break;
      if (isQueued) ids.push(id);
    }
    return ids;
  }

  /** `onEnd` is called when the event ended, whichever way. */
  accept(facts: Facts, onEnd?: () => void): void {
    this.counters.accepted++;
    this.#enter(facts, onEnd);
    for (const listener of this.#acceptedListeners) listener(facts);
  }

  /** Calls `listener` with what this client accepts, at once, until the returned function is called. */
  onAccepted(listener: (facts: Facts) => void): () => void {
    this.#acceptedListeners.add(listener);
    return () => void this.#acceptedListeners.delete(listener);
  }

  /** Enters an event that this client did not accept, unless it has it already. */
  take(facts: Facts): void {
    if (this.#pending.has(facts.id)) return;
    this.counters.taken++;
    this.#enter(facts, undefined);
  }

  delivered(id: string, attempts: number): void {
    this.#end(id, 'delivered', ({ ambiguousSince, info }) => {
      const possiblyDuplicate =
        ambiguousSince !== undefined && Date.now() - ambiguousSince > DEDUPLICATION_WINDOW_MS;
      this.#reporter.emit('delivered', { event: info, attempts, possiblyDuplicate });
    });
  }

  rejected(id: string, error: DeliveryError): void {
    this.#end(id, 'rejected', ({ info }) => this.#reporter.emit('rejected', { event: info, error }));
  }

  drop(id: string, reason: DropReason): void {
    this.#end(id, 'dropped', ({ info, ambiguousSince, isUnderWay, isBeingStored }) => {
      const possiblyDelivered = isUnderWay || isBeingStored || ambiguousSince !== undefined;
      this.#reporter.emit('dropped', { event: info, reason, possiblyDelivered });
    });
  }

  handOver(id: string): void {
    this.#end(id, 'handedOver', () => {});
  }

  #enter({ id, name, acceptedAt }: Facts, onEnd: (() => void) | undefined): void {
    const info = { name, eventId: id, acceptedAt };
    this.#pending.set(id, {
      info,
      onEnd,
      ambiguousSince: undefined,
      isUnderWay: false,
      isBeingStored: false,
      isQueued: false,
      forbidden: undefined,
    });
  }

  #end(
    id: string,
    how: 'delivered' | 'rejected' | 'dropped' | 'handedOver',
    tell: (pending: Pending) => void,
  ): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    this.#pending.delete(id);
    this.counters[how]++;
    tell(pending);
    // Last, so that whoever waits also waits for what a listener tracked.
    pending.onEnd?.();
    this.#waiting.changed();
  }
}
