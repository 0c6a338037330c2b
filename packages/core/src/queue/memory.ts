import { VeroError } from '../errors.ts';
import { checkOptions, oneOf, positiveInteger } from '../options.ts';
import type {
  DeadLetter,
  DeadLetters,
  EventQueue,
  QueueCounts,
  QueueRecord,
  ReplayOptions,
} from './contract.ts';
import { DueHeap } from './due-heap.ts';
import { QueueListeners } from './listeners.ts';
import { RecordFifo } from './record-fifo.ts';
import { sizeOf } from './record-size.ts';
import { checkReplayOptions, replayedRecords } from './replay.ts';

/** The options of {@link memoryQueue}. */
export interface MemoryQueueOptions {
  /** How many events may wait. @default 10_000 */
  readonly capacity?: number | undefined;
  /** How many bytes they may take, at two for a character and 400 for each event. @default 64 MiB */
  readonly maxBytes?: number | undefined;
  /** What a full queue drops. @default 'drop-newest' */
  readonly overflow?: 'drop-newest' | 'drop-oldest' | undefined;
  /** How many dead letters are kept; older ones are forgotten. @default 1_000 */
  readonly deadLetterCapacity?: number | undefined;
}

interface Lease {
  readonly record: QueueRecord;
  readonly until: number;
}

/**
 * The default queue: events wait in this process and end with it.
 *
 * @throws {VeroError} `VERO_CONFIG` for a bad option
 */
export function memoryQueue(options: MemoryQueueOptions = {}): EventQueue {
  return new MemoryQueue(
    checkOptions('memoryQueue', options, {
      capacity: positiveInteger,
      maxBytes: positiveInteger,
      overflow: oneOf('drop-newest', 'drop-oldest'),
      deadLetterCapacity: positiveInteger,
    }),
  );
}

class MemoryQueue implements EventQueue {
  readonly #capacity: number;
  readonly #maxBytes: number;
  readonly #dropOldest: boolean;
  readonly #deadCapacity: number;
  /** All of them. Maps keep insertion order, so the first is the oldest. A million may wait: each has only what it needs. */
  readonly #records = new Map<string, QueueRecord>();
  /** Those that wait for nothing, by project. */
  readonly #fresh = new Map<string, RecordFifo>();
  readonly #later = new DueHeap();
  readonly #taken = new Map<string, Lease>();
  readonly #dead = new Map<string, DeadLetter>();
  #bytes = 0;
  #isClosed = false;
  readonly #listeners = new QueueListeners();

  readonly deadLetters: DeadLetters = {
    list: () => [...this.#dead.values()],
    export: () => [...this.#dead.values()].map((letter) => `${JSON.stringify(letter)}\n`).join(''),
    replay: (options) => this.#replay(options),
  };

  constructor(options: MemoryQueueOptions) {
    this.#capacity = options.capacity ?? 10_000;
    this.#maxBytes = options.maxBytes ?? 64 * 1024 * 1024;
    this.#dropOldest = options.overflow === 'drop-oldest';
    this.#deadCapacity = options.deadLetterCapacity ?? 1_000;
  }

  put(records: readonly QueueRecord[]): QueueRecord[] {
    const dropped: QueueRecord[] = [];
    for (const record of records) {
      // Its id is what a record is known by, whatever its project.
      if (this.#records.has(record.id)) {
        dropped.push(record);
        continue;
      }
      const size = sizeOf(record);
      // For what never fits, nothing is dropped.
      while (this.#dropOldest && size <= this.#maxBytes && this.#isFullFor(size)) {
        const oldest = this.#oldestWaiting();
        if (!oldest) break;
        this.#forget(oldest);
        dropped.push(oldest);
      }
      if (this.#isFullFor(size)) {
        dropped.push(record);
        continue;
      }
      this.#records.set(record.id, record);
      this.#bytes += size;
      this.#wait(record);
    }
    return dropped;
  }

  take(n: number, leaseMs: number, project: string): QueueRecord[] {
    const now = Date.now();
    this.#returnExpiredLeases(now);
    const taken: QueueRecord[] = [];
    const until = now + leaseMs;
    const lend = (record: QueueRecord): void => {
      this.#taken.set(record.id, { record, until });
      taken.push(record);
    };
    // Events that already waited for their time go first: they are the older ones.
    const others: QueueRecord[] = [];
    while (taken.length < n) {
      const record = this.#later.takeDue(now);
      if (!record) break;
      if (record.project === project) lend(record);
      else others.push(record);
    }
    for (const record of others) this.#later.add(record);
    const fresh = this.#fresh.get(project);
    while (taken.length < n) {
      const record = fresh?.shift();
      if (!record) break;
      lend(record);
    }
    return taken;
  }

  ack(ids: readonly string[]): void {
    for (const id of ids) {
      const record = this.#records.get(id);
      if (record) this.#forget(record);
    }
  }

  retry(id: string, notBefore: number, countsAttempt: boolean): void {
    const record = this.#records.get(id);
    // Without a lease it waits already: it came back when its lease was over.
    if (!record || !this.#taken.delete(id)) return;
    const again = { ...record, notBefore, attempts: record.attempts + (countsAttempt ? 1 : 0) };
    this.#records.set(id, again);
    this.#wait(again);
  }

  dead(id: string, reason: string): void {
    const record = this.#records.get(id);
    if (!record) return;
    this.#forget(record);
    this.#dead.set(id, { record, reason, at: Date.now() });
    while (this.#dead.size > this.#deadCapacity) {
      const [oldest] = this.#dead.keys();
      if (oldest !== undefined) this.#dead.delete(oldest);
    }
  }

  /** Nobody else takes from a queue in this process. */
  pauseUntil(): void {}

  nextDueAt(project: string): number | undefined {
    if (this.#fresh.get(project)?.first) return 0;
    const dues = [this.#later.nextDueAt(project), this.#leaseOf(project)?.until];
    const due = Math.min(...dues.map((time) => time ?? Number.POSITIVE_INFINITY));
    return due === Number.POSITIVE_INFINITY ? undefined : due;
  }

  counts(): QueueCounts {
    this.#returnExpiredLeases(Date.now());
    return { waiting: this.#records.size, taken: this.#taken.size, deadLetters: this.#dead.size };
  }

  onAvailable(listener: (records: readonly QueueRecord[]) => void): () => void {
    return this.#listeners.onAvailable(listener);
  }

  close(): void {
    this.#isClosed = true;
    this.#records.clear();
    this.#fresh.clear();
    this.#later.clear();
    this.#taken.clear();
    this.#bytes = 0;
  }

  #isFullFor(size: number): boolean {
    return this.#records.size >= this.#capacity || this.#bytes + size > this.#maxBytes;
  }

  #wait(record: QueueRecord): void {
    if (record.notBefore > 0) return this.#later.add(record);
    let fresh = this.#fresh.get(record.project);
    if (!fresh) this.#fresh.set(record.project, (fresh = new RecordFifo()));
    fresh.push(record);
  }

  #forget(record: QueueRecord): void {
    const { id, project } = record;
    this.#records.delete(id);
    this.#bytes -= sizeOf(record);
    if (!this.#taken.delete(id) && !this.#fresh.get(project)?.remove(record)) this.#later.remove(record);
  }

  /** What is in flight can not be called back, so it is not dropped for newer events. */
  #oldestWaiting(): QueueRecord | undefined {
    for (const record of this.#records.values()) if (!this.#taken.has(record.id)) return record;
    return undefined;
  }

  /** The first of a project to run out. */
  #leaseOf(project: string): Lease | undefined {
    for (const lease of this.#taken.values()) if (lease.record.project === project) return lease;
    return undefined;
  }

  #returnExpiredLeases(now: number): void {
    // Leases of one engine are equally long, so the first is the first to run out.
    for (const { record, until } of this.#taken.values()) {
      if (until > now) return;
      this.#taken.delete(record.id);
      // Among what is due, and so before anything newer.
      this.#later.add(record);
    }
  }

  #replay(given: ReplayOptions = {}): { replayed: number } {
    const options = checkReplayOptions(given);
    if (this.#isClosed) throw new VeroError('VERO_QUEUE', 'replay: the queue is closed');
    const chosen = this.#chosen(options);
    if (options.dryRun) return { replayed: chosen.length };
    const replayed: QueueRecord[] = [];
    for (const { id, record } of chosen) {
      // What waits is not dropped for what was given up.
      if (this.#isFullFor(sizeOf(record))) break;
      this.put([record]);
      this.#dead.delete(id);
      replayed.push(record);
    }
    if (replayed.length > 0) this.#listeners.tellAvailable(replayed);
    return { replayed: replayed.length };
  }

  /** Asks the caller's functions before anything is moved. */
  #chosen(options: ReplayOptions): { id: string; record: QueueRecord }[] {
    const replayed = replayedRecords(options);
    const chosen: { id: string; record: QueueRecord }[] = [];
    for (const letter of this.#dead.values()) {
      const record = replayed(letter);
      if (record && !this.#records.has(record.id)) chosen.push({ id: letter.record.id, record });
    }
    return chosen;
  }
}
