import type { QueueRecord } from '@verotrack/core/queue';
import type { SpillFile } from './spill-file.ts';

interface Spilled {
  readonly record: QueueRecord;
  takenUntil: number;
  /** Whether it outlives the process. */
  readonly isKept: boolean;
}

/** Records that the queue's file did not take, for as long as it doesn't: in memory, and in a file beside it if that goes. */
export class Spill {
  readonly #capacity: number;
  readonly #file: SpillFile;
  readonly #records = new Map<string, Spilled>();

  constructor(capacity: number, file: SpillFile) {
    this.#capacity = capacity;
    this.#file = file;
  }

  get size(): number {
    return this.#records.size;
  }

  /** How many would be lost with this process. */
  get unkept(): number {
    return [...this.#records.values()].filter(({ isKept }) => !isKept).length;
  }

  has(id: string): boolean {
    return this.#records.has(id);
  }

  find(id: string): QueueRecord | undefined {
    return this.#records.get(id)?.record;
  }

  /** Returns what has no place here either. */
  put(records: readonly QueueRecord[]): QueueRecord[] {
    const free = Math.max(0, this.#capacity - this.#records.size);
    this.add(records.slice(0, free));
    return records.slice(free);
  }

  /** Accepts them however many there are. */
  add(records: readonly QueueRecord[]): void {
    if (records.length === 0) return;
    const isKept = this.#file.append(records.map((put) => ({ put })));
    for (const record of records) this.#records.set(record.id, { record, takenUntil: 0, isKept });
  }

  take(n: number, leaseMs: number, project: string): QueueRecord[] {
    const now = Date.now();
    const taken: QueueRecord[] = [];
    for (const spilled of this.#records.values()) {
      if (taken.length >= n) break;
      const { record, takenUntil } = spilled;
      if (record.project !== project || takenUntil > now || record.notBefore > now) continue;
      spilled.takenUntil = now + leaseMs;
      taken.push(record);
    }
    return taken;
  }

  /** Returns those that were here. */
  remove(ids: readonly string[]): QueueRecord[] {
    const removed = ids.map((id) => this.#records.get(id)).filter((spilled) => spilled !== undefined);
    if (removed.length === 0) return [];
    for (const { record } of removed) this.#records.delete(record.id);
    if (this.#records.size === 0) this.#file.remove();
    else this.#file.append(removed.map(({ record }) => ({ end: record.id })));
    return removed.map(({ record }) => record);
  }

  retry(id: string, notBefore: number, countsAttempt: boolean): boolean {
    const spilled = this.#records.get(id);
    if (!spilled) return false;
    const attempts = spilled.record.attempts + (countsAttempt ? 1 : 0);
    this.#records.set(id, { ...spilled, record: { ...spilled.record, attempts, notBefore }, takenUntil: 0 });
    return true;
  }

  all(): QueueRecord[] {
    return [...this.#records.values()].map(({ record }) => record);
  }

  /** Those that nobody has taken: they may go to the queue's file. */
  idle(): QueueRecord[] {
    const now = Date.now();
    return [...this.#records.values()]
      .filter(({ takenUntil }) => takenUntil <= now)
      .map(({ record }) => record);
  }

  nextDueAt(project: string): number | undefined {
    let due: number | undefined;
    for (const { record, takenUntil } of this.#records.values()) {
      if (record.project === project)
        due = Math.min(due ?? Number.POSITIVE_INFINITY, Math.max(takenUntil, record.notBefore));
    }
    return due;
  }

  /** Ends; what waits is left to whoever opens the queue next. */
  close(): void {
    if (this.#records.size === 0) this.#file.remove();
    else this.#file.leave();
  }
}
