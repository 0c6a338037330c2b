import type { DeliveryError } from '../errors.ts';
import { type EventFacts, infoOf } from '../event-info.ts';
import type { DropReason, Reporter } from '../reporter.ts';
import type { Waiting } from '../waiting.ts';
import { DEDUPLICATION_WINDOW_MS } from './retry.ts';

/** How accepted events ended, and how many have not. */
export interface DeliveryCounters {
  /** Accepted by this client. */
  accepted: number;
  /** Taken from the queue though another process, an earlier run or a replay put them there. */
  taken: number;
  /** Vero has them. */
  delivered: number;
  /** Vero will never take them: they are dead letters. */
  rejected: number;
  /** They were accepted and given up; see {@link DropReason}. */
  dropped: number;
  /** Left to a queue that outlives this client. */
  handedOver: number;
  /** Attempts that failed and are made again. */
  retries: number;
}

/** What the attempts to deliver an event have left. */
export interface AttemptHistory {
  isUnderWay: boolean;
  /** When the first attempt began whose fate is unknown. */
  ambiguousSince: number | undefined;
  forbidden: { times: number; passesSeen: number } | undefined;
}

/** What is remembered of an event that has not ended. A million may wait, so it is small. */
interface Pending {
  readonly facts: EventFacts;
  readonly onEnd: (() => void) | undefined;
  /** Whether the queue has it, or had it; `storing`: it has been given it, and has not answered. */
  stage: 'new' | 'storing' | 'queued';
  history: AttemptHistory | undefined;
}

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
  readonly #holdsRecords: boolean;
  readonly #pending = new Map<string, Pending>();
  readonly #acceptedListeners = new Set<(facts: EventFacts) => void>();

  /** `holdsRecords`: what waits is in this process anyway, so that the books may point to it. */
  constructor(reporter: Reporter, waiting: Waiting, holdsRecords: boolean) {
    this.#reporter = reporter;
    this.#waiting = waiting;
    this.#holdsRecords = holdsRecords;
  }

  get pending(): number {
    return this.#pending.size;
  }

  get oldestPendingMs(): number | undefined {
    const [oldest] = this.#pending.values();
    return oldest && Math.max(0, Date.now() - oldest.facts.acceptedAt);
  }

  get ids(): readonly string[] {
    return [...this.#pending.keys()];
  }

  has(id: string): boolean {
    return this.#pending.has(id);
  }

  /** What the attempts of an event have left, those made with what is returned included; `undefined` when it has ended. */
  historyOf(id: string): AttemptHistory | undefined {
    const pending = this.#pending.get(id);
    if (!pending) return undefined;
    pending.history ??= { isUnderWay: false, ambiguousSince: undefined, forbidden: undefined };
    return pending.history;
  }

  /** Whether Vero forbade an event that has not ended. */
  isForbidden(id: string): boolean {
    return this.#pending.get(id)?.history?.forbidden !== undefined;
  }

  /** Whether all that is pending was forbidden. */
  get isAllForbidden(): boolean {
    for (const { history } of this.#pending.values()) if (!history?.forbidden) return false;
    return true;
  }

  /** The queue has been asked to store it. */
  storing(id: string): void {
    this.#setStage(id, 'storing');
  }

  /** The queue has it. */
  queued(id: string): void {
    this.#setStage(id, 'queued');
  }

  /** The queue does not have it. */
  notQueued(id: string): void {
    this.#setStage(id, 'new');
  }

  isQueued(id: string): boolean {
    return this.#pending.get(id)?.stage === 'queued';
  }

  /** Up to `count` ids of the oldest events that the queue has. */
  queuedIds(count: number): string[] {
    const ids: string[] = [];
    for (const [id, { stage }] of this.#pending) {
      if (ids.length >= count) break;
      if (stage === 'queued') ids.push(id);
    }
    return ids;
  }

  /** `onEnd` is called when the event ended, whichever way. */
  accept(facts: EventFacts, onEnd?: () => void): void {
    this.counters.accepted++;
    this.#enter(facts, onEnd, 'new');
    this.#reporter.diagnostics.moved('accepted', facts);
    for (const listener of this.#acceptedListeners) listener(facts);
  }

  /** Calls `listener` with what this client accepts, at once, until the returned function is called. */
  onAccepted(listener: (facts: EventFacts) => void): () => void {
    this.#acceptedListeners.add(listener);
    return () => void this.#acceptedListeners.delete(listener);
  }

  /** Enters an event that the queue gave, unless it is there already: another process, or an earlier run, accepted it. */
  take(facts: EventFacts): void {
    const pending = this.#pending.get(facts.id);
    if (!pending) {
      this.counters.taken++;
      this.#enter(facts, undefined, 'queued');
      this.#reporter.diagnostics.moved('taken', facts);
    } else pending.stage = 'queued';
  }

  delivered(id: string, attempts: number): void {
    this.#end(id, 'delivered', ({ history, facts }) => {
      const since = history?.ambiguousSince;
      const possiblyDuplicate = since !== undefined && Date.now() - since > DEDUPLICATION_WINDOW_MS;
      this.#reporter.emit('delivered', { event: infoOf(facts), attempts, possiblyDuplicate });
    });
  }

  rejected(id: string, error: DeliveryError): void {
    this.#end(id, 'rejected', ({ facts }) =>
      this.#reporter.emit('rejected', { event: infoOf(facts), error }),
    );
  }

  drop(id: string, reason: DropReason): void {
    this.#end(id, 'dropped', ({ facts, history, stage }) => {
      const possiblyDelivered =
        stage === 'storing' || history?.isUnderWay === true || history?.ambiguousSince !== undefined;
      this.#reporter.emit('dropped', { event: infoOf(facts), reason, possiblyDelivered });
    });
  }

  handOver(id: string): void {
    this.#end(id, 'handedOver', ({ facts }) => this.#reporter.diagnostics.moved('handedOver', facts));
  }

  #setStage(id: string, stage: Pending['stage']): void {
    const pending = this.#pending.get(id);
    if (pending) pending.stage = stage;
  }

  #enter(facts: EventFacts, onEnd: (() => void) | undefined, stage: Pending['stage']): void {
    const { id, name, acceptedAt } = facts;
    const kept = this.#holdsRecords ? facts : { id, name, acceptedAt };
    this.#pending.set(id, { facts: kept, onEnd, stage, history: undefined });
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
