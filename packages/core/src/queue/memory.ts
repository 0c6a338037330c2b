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
import { QueueListeners } from './listeners.ts';
import { sizeOf } from './record-size.ts';
import { checkReplayOptions } from './replay-options.ts';

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

interface Entry {
  record: QueueRecord;
  readonly size: number;
  takenUntil: number;
}

/**
 * The default queue: events wait in this process and end with it.
 *
 * @throws {VeroError} `VERO_CONFIG` for a bad option
 */
export function memoryQueue(options: MemoryQueueOptions = {}): EventQueue {
  checkOptions('memoryQueue', options, {
    capacity: positiveInteger,
    maxBytes: positiveInteger,
    overflow: oneOf('drop-newest', 'drop-oldest'),
    deadLetterCapacity: positiveInteger,
  });
  return new MemoryQueue(options);
}

class MemoryQueue implements EventQueue {
  readonly #capacity: number;
  readonly #maxBytes: number;
  readonly #dropOldest: boolean;
  readonly #deadCapacity: number;
  // Maps keep insertion order, so the first fresh entry is the oldest.
  readonly #entries = new Map<string, Entry>();
  readonly #fresh = new Map<string, Entry>();
  readonly #later = new DueHeap();
  readonly #taken = new Map<string, Entry>();
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
      if (this.#entries.has(record.id)) {
        dropped.push(record);
        continue;
      }
      const size = sizeOf(record);
      // For what never fits, nothing is dropped.
      while (this.#dropOldest && size <= this.#maxBytes && this.#isFullFor(size)) {
        const oldest = this.#oldestWaiting();
        if (!oldest) break;
        this.#forget(oldest);
        dropped.push(oldest.record);
      }
      if (this.#isFullFor(size)) {
        dropped.push(record);
        continue;
      }
      const entry: Entry = { record, size, takenUntil: 0 };
      this.#entries.set(record.id, entry);
      this.#bytes += size;
      this.#wait(entry);
    }
    return dropped;
  }

  take(n: number, leaseMs: number, project: string): QueueRecord[] {
    const now = Date.now();
    this.#returnExpiredLeases(now);
    const taken: QueueRecord[] = [];
    const lend = (entry: Entry): void => {
      entry.takenUntil = now + leaseMs;
      this.#taken.set(entry.record.id, entry);
      taken.push(entry.record);
    };
    // Events that already waited for their time go first: they are the older ones.
    const others: Entry[] = [];
    while (taken.length < n) {
      const entry = this.#later.takeDue(now);
      if (!entry) break;
      if (entry.record.project === project) lend(entry);
      else others.push(entry);
    }
    for (const entry of others) this.#later.add(entry);
    for (const entry of this.#fresh.values()) {
      if (taken.length >= n) break;
      if (entry.record.project !== project) continue;
      this.#fresh.delete(entry.record.id);
      lend(entry);
    }
    return taken;
  }

  ack(ids: readonly string[]): void {
    for (const id of ids) {
      const entry = this.#entries.get(id);
      if (entry) this.#forget(entry);
    }
  }

  retry(id: string, notBefore: number, countsAttempt: boolean): void {
    const entry = this.#entries.get(id);
    // Without a lease it waits already: it came back when its lease was over.
    if (!entry || !this.#taken.delete(id)) return;
    entry.record = { ...entry.record, notBefore, attempts: entry.record.attempts + (countsAttempt ? 1 : 0) };
    this.#wait(entry);
  }

  dead(id: string, reason: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#forget(entry);
    this.#dead.set(id, { record: entry.record, reason, at: Date.now() });
    while (this.#dead.size > this.#deadCapacity) {
      const [oldest] = this.#dead.keys();
      if (oldest !== undefined) this.#dead.delete(oldest);
    }
  }

  /** Nobody else takes from a queue in this process. */
  pauseUntil(): void {}

  nextDueAt(project: string): number | undefined {
    if (firstOf(this.#fresh, project)) return 0;
    const dues = [this.#later.nextDueAt(project), firstOf(this.#taken, project)?.takenUntil];
    const due = Math.min(...dues.map((time) => time ?? Number.POSITIVE_INFINITY));
    return due === Number.POSITIVE_INFINITY ? undefined : due;
  }

  counts(): QueueCounts {
    return { waiting: this.#entries.size, taken: this.#taken.size, deadLetters: this.#dead.size };
  }

  onAvailable(listener: (records: readonly QueueRecord[]) => void): () => void {
    return this.#listeners.onAvailable(listener);
  }

  close(): void {
    this.#isClosed = true;
    this.#entries.clear();
    this.#fresh.clear();
    this.#later.clear();
    this.#taken.clear();
    this.#bytes = 0;
  }

  #isFullFor(size: number): boolean {
    return this.#entries.size >= this.#capacity || this.#bytes + size > this.#maxBytes;
  }

  #wait(entry: Entry): void {
    entry.takenUntil = 0;
    if (entry.record.notBefore > 0) this.#later.add(entry);
    else this.#fresh.set(entry.record.id, entry);
  }

  #forget(entry: Entry): void {
    const { id } = entry.record;
    this.#entries.delete(id);
    this.#bytes -= entry.size;
    if (!this.#fresh.delete(id) && !this.#taken.delete(id)) this.#later.remove(entry);
  }

  /** What is in flight can not be called back, so it is not dropped for newer events. */
  #oldestWaiting(): Entry | undefined {
    for (const entry of this.#entries.values()) if (!this.#taken.has(entry.record.id)) return entry;
    return undefined;
  }

  #returnExpiredLeases(now: number): void {
    // Leases of one engine are equally long, so the first is the first to run out.
    for (const entry of this.#taken.values()) {
      if (entry.takenUntil > now) return;
      this.#taken.delete(entry.record.id);
      // Among what is due, and so before anything newer.
      entry.takenUntil = 0;
      this.#later.add(entry);
    }
  }

  #replay(options: ReplayOptions = {}): { replayed: number } {
    checkReplayOptions(options);
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
  #chosen({ filter, map, ratePerSecond }: ReplayOptions): { id: string; record: QueueRecord }[] {
    const now = Date.now();
    const chosen: { id: string; record: QueueRecord }[] = [];
    for (const letter of this.#dead.values()) {
      if (filter && !filter(letter)) continue;
      const mapped = map ? map(letter.record) : letter.record;
      if (!mapped || this.#entries.has(mapped.id)) continue;
      const notBefore = ratePerSecond ? now + (chosen.length * 1000) / ratePerSecond : 0;
      chosen.push({ id: letter.record.id, record: { ...mapped, attempts: 0, acceptedAt: now, notBefore } });
    }
    return chosen;
  }
}

/** A binary heap of entries by `notBefore`. */
class DueHeap {
  #heap: Entry[] = [];

  add(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (due(heap, parent) <= due(heap, index)) return;
      swap(heap, parent, index);
      index = parent;
    }
  }

  takeDue(now: number): Entry | undefined {
    const first = this.#heap[0];
    if (!first || first.record.notBefore > now) return undefined;
    const last = this.#heap.pop();
    if (last && last !== first) {
      this.#heap[0] = last;
      this.#sink();
    }
    return first;
  }

  /** The top is nearly always of the project: few queues serve several. */
  nextDueAt(project: string): number | undefined {
    const [top] = this.#heap;
    if (!top || top.record.project === project) return top?.record.notBefore;
    const dues = this.#heap
      .filter(({ record }) => record.project === project)
      .map(({ record }) => record.notBefore);
    return dues.length > 0 ? Math.min(...dues) : undefined;
  }

  /** Rare (a full queue drops an event that waits for its retry), so it may be slow. */
  remove(entry: Entry): void {
    const rest = this.#heap.filter((other) => other !== entry);
    this.#heap = [];
    for (const other of rest) this.add(other);
  }

  clear(): void {
    this.#heap = [];
  }

  #sink(): void {
    const heap = this.#heap;
    let index = 0;
    for (;;) {
      let least = index;
      for (const child of [2 * index + 1, 2 * index + 2]) {
        if (child < heap.length && due(heap, child) < due(heap, least)) least = child;
      }
      if (least === index) return;
      swap(heap, least, index);
      index = least;
    }
  }
}

function firstOf(entries: ReadonlyMap<string, Entry>, project: string): Entry | undefined {
  for (const entry of entries.values()) if (entry.record.project === project) return entry;
  return undefined;
}

const due = (heap: readonly Entry[], index: number): number =>
  heap[index]?.record.notBefore ?? Number.POSITIVE_INFINITY;

function swap(heap: Entry[], a: number, b: number): void {
  const [atA, atB] = [heap[a], heap[b]];
  if (!atA || !atB) return;
  heap[a] = atB;
  heap[b] = atA;
}
