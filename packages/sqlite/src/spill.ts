import type { QueueRecord } from '@verotrack/core/queue';

interface Spilled {
  record: QueueRecord;
  takenUntil: number;
}

/** Records that the disk did not take, for as long as it doesn't. They end with the process. */
export class Spill {
  readonly #capacity: number;
  readonly #records = new Map<string, Spilled>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#records.size;
  }

  has(id: string): boolean {
    return this.#records.has(id);
  }

  /** Returns what has no place here either. */
  put(records: readonly QueueRecord[]): QueueRecord[] {
    const dropped: QueueRecord[] = [];
    for (const record of records) {
      if (this.#records.size >= this.#capacity) dropped.push(record);
      else this.#records.set(record.id, { record, takenUntil: 0 });
    }
    return dropped;
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

  /** Says whether it had the record. */
  remove(id: string): QueueRecord | undefined {
    const spilled = this.#records.get(id);
    this.#records.delete(id);
    return spilled?.record;
  }

  retry(id: string, notBefore: number, countsAttempt: boolean): boolean {
    const spilled = this.#records.get(id);
    if (!spilled) return false;
    const attempts = spilled.record.attempts + (countsAttempt ? 1 : 0);
    this.#records.set(id, { record: { ...spilled.record, attempts, notBefore }, takenUntil: 0 });
    return true;
  }

  all(): QueueRecord[] {
    return [...this.#records.values()].map(({ record }) => record);
  }

  /** Those that nobody has taken: they may go to the disk. */
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
}
