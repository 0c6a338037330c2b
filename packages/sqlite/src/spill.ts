import type { QueueRecord } from '@verotrack/core/queue';
import type { SpillFile } from './spill-file.ts';
import type { SpillFolder } from './spill-folder.ts';

interface Spilled {
  readonly record: QueueRecord;
  takenUntil: number;
  /** Where it outlives the process; nothing if the disk took it nowhere. */
  file: SpillFile | undefined;
}

/** How often others are shown that this process lives. */
const TOUCH_MS = 60_000;
/** A file that is larger is written no more, so that it can go when what is in it is gone. */
const MAX_FILE_BYTES = 1024 * 1024;

/** Records that the queue's file did not take, for as long as it doesn't: in memory, and beside the file if that goes. */
export class Spill {
  readonly #capacity: number;
  readonly #folder: SpillFolder;
  readonly #records = new Map<string, Spilled>();
  /** Records of the queue's file that are to be forgotten, by what keeps that in mind. */
  readonly #ends = new Map<string, SpillFile>();
  readonly #files = new Set<SpillFile>();
  #current: SpillFile | undefined;
  #touching: NodeJS.Timeout | undefined;

  constructor(capacity: number, folder: SpillFolder) {
    this.#capacity = capacity;
    this.#folder = folder;
  }

  get size(): number {
    return this.#records.size;
  }

  /** How many would be lost with this process. */
  get unkept(): number {
    return this.#unkept().length;
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
    for (const record of records.slice(0, free)) {
      this.#records.set(record.id, { record, takenUntil: 0, file: undefined });
    }
    this.keep();
    return records.slice(free);
  }

  /** Writes down what only the memory has. */
  keep(): void {
    const unkept = this.#unkept();
    if (unkept.length === 0) return;
    const file = this.#writable();
    if (!file?.put(unkept.map(({ record }) => record))) return;
    for (const spilled of unkept) spilled.file = file;
  }

  /** Keeps in mind, beyond this process, that records of the queue's file are to be forgotten. */
  keepEnds(ids: Iterable<string>): void {
    const news = [...ids].filter((id) => !this.#ends.has(id));
    if (news.length === 0) return;
    const file = this.#writable();
    if (file?.putEnds(news)) for (const id of news) this.#ends.set(id, file);
  }

  /** The queue's file has forgotten it. */
  forgotten(id: string): void {
    const file = this.#ends.get(id);
    if (!file) return;
    this.#ends.delete(id);
    this.#end(file, [id]);
  }

  /**
   * Takes over what processes left that are gone.
   *
   * @param isMoved - whether the queue's file has it, or had it
   * @returns ids of records of the queue's file that are to be forgotten
   */
  adopt(isMoved: (id: string) => boolean, tell: (problem: string) => void): string[] {
    const ends: string[] = [];
    for (const { file, records, ended } of this.#folder.adopt(tell)) {
      this.#add(file);
      file.hold([...records.map(({ id }) => id), ...ended]);
      const known = records.map(({ id }) => id).filter((id) => this.#records.has(id) || isMoved(id));
      for (const record of records) {
        if (!known.includes(record.id)) this.#records.set(record.id, { record, takenUntil: 0, file });
      }
      for (const id of ended) this.#ends.set(id, file);
      ends.push(...ended);
      this.#end(file, known);
    }
    return ends;
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

  /** Returns the ids of those that were here. */
  remove(ids: readonly string[]): string[] {
    const removed = ids.filter((id) => this.#records.has(id));
    const byFile = Map.groupBy(removed, (id) => this.#records.get(id)?.file);
    for (const id of removed) this.#records.delete(id);
    for (const [file, each] of byFile) if (file) this.#end(file, each);
    return removed;
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
    clearInterval(this.#touching);
    for (const file of this.#files) if (!file.end([])) this.#folder.leave(file);
    this.#files.clear();
  }

  #unkept(): Spilled[] {
    return [...this.#records.values()].filter(({ file }) => file === undefined);
  }

  #writable(): SpillFile | undefined {
    if (this.#current && this.#current.bytes < MAX_FILE_BYTES) return this.#current;
    try {
      this.#current = this.#folder.newFile();
    } catch {
      return undefined;
    }
    this.#add(this.#current);
    return this.#current;
  }

  #add(file: SpillFile): void {
    this.#files.add(file);
    this.#touching ??= setInterval(() => {
      for (const each of this.#files) each.touch();
    }, TOUCH_MS).unref();
  }

  #end(file: SpillFile, ids: readonly string[]): void {
    if (!file.end(ids)) return;
    this.#files.delete(file);
    if (this.#current === file) this.#current = undefined;
    if (this.#files.size > 0) return;
    clearInterval(this.#touching);
    this.#touching = undefined;
  }
}
