import { realpathSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import {
  type EventQueue,
  problemOf,
  type QueueCounts,
  QueueListeners,
  type QueueRecord,
  VeroError,
} from '@verotrack/core/queue';
import { type Patience, patiently, persistently } from './busy.ts';
import { openDatabase } from './database.ts';
import { DeadLetterTable, type PutBack } from './dead-letters.ts';
import { EventTable } from './event-table.ts';
import { type QueueSettings, queueSettings, type SqliteQueueOptions } from './options.ts';
import { newOwner } from './owners.ts';
import { Spill } from './spill.ts';
import { SpillFolder } from './spill-folder.ts';

/**
 * A durable queue in the process: an event is in the file when `track` returns. Processes of one machine may share it.
 *
 * @example
 * const vero = createVero({ queue: sqliteQueue({ path: './data/vero.db' }) });
 * @throws {VeroError} `VERO_CONFIG` for a bad option, `VERO_QUEUE` for a file that is damaged or no queue
 */
export function sqliteQueue(options: SqliteQueueOptions): SqliteQueue {
  return new SqliteQueue(queueSettings(options));
}

/** How a queue of this kind stands, beside what every queue counts. */
export interface SqliteQueueCounts extends QueueCounts {
  /** Of those that wait, how many the file has not taken. */
  readonly spilled: number;
}

/** How long `track` waits for another process that has the file locked. */
const BUSY_MS = 25;
/** How long everything else waits, for which no request waits. */
const PATIENCE_MS = 5_000;
/** How long, at the end. */
const CLOSE_PATIENCE_MS = 2_000;
/** How long a file that could not be written is left alone by `track`. */
const REST_MS = 250;
/** When such a file is tried for the first time. */
const FIRST_TRY_MS = 5;
/** How many at most are moved into such a file at once: meanwhile others wait for it. */
const MOVED_AT_ONCE = 100;
/** How often it is looked beside the file for what such a process left. */
const SPILL_LOOK_MS = 10_000;

type MaybePromise<T> = T | Promise<T>;

/** A durable queue in the process, made by {@link sqliteQueue}. */
export class SqliteQueue implements EventQueue {
  readonly isDurable = true;
  /** The dead letters of the file. */
  readonly deadLetters: DeadLetterTable;
  readonly #database: DatabaseSync;
  readonly #events: EventTable;
  readonly #spill: Spill;
  /** Records that are to be forgotten as soon as the file lets us. */
  readonly #toForget = new Set<string>();
  readonly #listeners = new QueueListeners();
  /** Until then nothing is tried that a request would wait for. */
  #restUntil = 0;
  #settling: NodeJS.Timeout | undefined;
  #lookedForSpillsAt = 0;
  #closing: Promise<void> | undefined;
  readonly #patience: Patience = { limitMs: PATIENCE_MS, isOver: () => this.#isClosed, ref: false };

  /** @internal */
  constructor(settings: QueueSettings) {
    const { path, spillCapacity, synchronous, deadLetterCapacity } = settings;
    const tell = (problem: string): void => this.#listeners.tellProblem(problem);
    this.#database = openDatabase({ path, synchronous, onMended: tell });
    const owner = newOwner();
    this.#events = new EventTable(this.#database, settings, owner);
    // By its real path: whoever else opens the file must look in the same folder.
    this.#spill = new Spill(
      spillCapacity,
      new SpillFolder(realpathSync(path), owner, synchronous === 'full'),
    );
    const patience = { ...this.#patience, ref: true };
    this.deadLetters = new DeadLetterTable(
      this.#database,
      deadLetterCapacity,
      (letters) => patiently(patience, () => this.#putBack(letters)),
      tell,
    );
  }

  get #isClosed(): boolean {
    return this.#closing !== undefined;
  }

  put(records: readonly QueueRecord[]): QueueRecord[] {
    // Whoever locked the file once will not be waited for by every request.
    if (Date.now() < this.#restUntil) return this.#spill.put(records);
    try {
      return persistently(BUSY_MS, () => this.#events.put(records));
    } catch (thrown) {
      this.#restUntil = Date.now() + REST_MS;
      this.#settleSoon(FIRST_TRY_MS);
      const dropped = this.#spill.put(records);
      const where = this.#spill.unkept === 0 ? 'beside it' : 'in memory';
      this.#listeners.tellProblem(
        `The file takes no events, so they wait ${where}: ${(thrown as Error).message}`,
        thrown,
      );
      return dropped;
    }
  }

  take(n: number, leaseMs: number, project: string): MaybePromise<QueueRecord[]> {
    this.#adoptSpills();
    this.#settleSpill();
    if (this.#events.pausedUntil(project) > Date.now()) return [];
    const spilled = this.#spill.take(n, leaseMs, project).filter((record) => this.#mayBeSent(record));
    const rest = n - spilled.length;
    if (rest === 0) return spilled;
    if (spilled.length === 0) return patiently(this.#patience, () => this.#takeRows(n, leaseMs, project));
    try {
      return [...spilled, ...this.#takeRows(rest, leaseMs, project)];
    } catch {
      // Those are lent already, and whoever wants more asks again.
      return spilled;
    }
  }

  ack(ids: readonly string[]): MaybePromise<void> {
    const spilled = new Set(this.#spill.remove(ids));
    for (const id of ids) if (!spilled.has(id)) this.#toForget.add(id);
    return this.#forget();
  }

  retry(id: string, notBefore: number, countsAttempt: boolean): MaybePromise<void> {
    if (this.#spill.retry(id, notBefore, countsAttempt)) return;
    return patiently(this.#patience, () => this.#events.retry(id, notBefore, countsAttempt));
  }

  dead(id: string, reason: string): MaybePromise<void> {
    return patiently(this.#patience, () => this.#bury(id, reason));
  }

  pauseUntil(time: number, project: string): MaybePromise<void> {
    return patiently(this.#patience, () => this.#events.pause(time, project));
  }

  nextDueAt(project: string): number | undefined {
    const due = this.#events.nextDueAt(project) ?? Number.POSITIVE_INFINITY;
    const spilled = this.#spill.nextDueAt(project) ?? Number.POSITIVE_INFINITY;
    const next = Math.min(due, spilled);
    return next === Number.POSITIVE_INFINITY ? undefined : Math.max(next, this.#events.pausedUntil(project));
  }

  /** How many records it has now, in the file and beside it. */
  counts(): SqliteQueueCounts {
    const { waiting, taken } = this.#events.counts();
    const spilled = this.#spill.size;
    return { waiting: waiting + spilled, taken, deadLetters: this.deadLetters.size, spilled };
  }

  missing(ids: readonly string[]): string[] {
    return this.#events.missing(ids.filter((id) => !this.#spill.has(id)));
  }

  onAvailable(listener: (records: readonly QueueRecord[]) => void): () => void {
    return this.#listeners.onAvailable(listener);
  }

  onProblem(listener: (error: Error) => void): () => void {
    return this.#listeners.onProblem(listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearTimeout(this.#settling);
    try {
      await this.#settleAll();
      this.#spill.keep();
      this.#spill.keepEnds(this.#toForget);
      const lost = this.#spill.unkept;
      this.#spill.close();
      if (lost > 0)
        throw new VeroError('VERO_QUEUE', `The file took no events: ${lost} that waited in memory are lost`);
    } finally {
      this.#database.close();
    }
  }

  /** The last chance: nobody waits for anything but the end of this. */
  async #settleAll(): Promise<void> {
    try {
      await patiently({ limitMs: CLOSE_PATIENCE_MS, isOver: () => false, ref: true }, () => {
        this.#forgetNow();
        const records = this.#spill.all();
        for (let i = 0; i < records.length; i += MOVED_AT_ONCE) {
          this.#moveSpilled(records.slice(i, i + MOVED_AT_ONCE));
        }
      });
    } catch {
      // What is left is kept beside the file, or told to be lost.
    }
  }

  #bury(id: string, reason: string): void {
    const spilled = this.#spill.find(id);
    this.#events.transaction(() => {
      const record = spilled ?? this.#events.find(id);
      if (record) this.deadLetters.add(record, reason);
      if (!spilled) this.#events.remove(id);
    });
    this.#spill.remove([id]);
  }

  #putBack(letters: Parameters<PutBack>[0]): number {
    let count = 0;
    this.#events.transaction(() => {
      for (const { record, remove } of letters) {
        // What waits is not dropped for what was given up.
        if (!this.#events.putIfRoom(record)) return;
        // Somebody may have replayed it meanwhile.
        if (remove()) count++;
        else this.#events.remove(record.id);
      }
    });
    // Others may take them, too.
    if (count > 0) this.#listeners.tellAvailable([]);
    return count;
  }

  #takeRows(n: number, leaseMs: number, project: string): QueueRecord[] {
    return this.#events.take(n, leaseMs, project).filter((record) => this.#mayBeSent(record));
  }

  /** Validates what was read from disk: a file can be changed by anybody. */
  #mayBeSent(record: QueueRecord): boolean {
    if (this.#toForget.has(record.id)) return false;
    const problem = problemOf(record);
    if (!problem) return true;
    try {
      this.#bury(record.id, `damaged: ${problem}`);
      this.#listeners.tellProblem(
        `A record in the file can't be sent, and is kept as a dead letter: ${problem}`,
      );
    } catch (thrown) {
      // After its lease it comes again.
      this.#listeners.tellProblem(`A record in the file can't be sent: ${problem}`, thrown);
    }
    return false;
  }

  /** What was delivered must not come back, so what could not be forgotten now is forgotten later. */
  #forget(): MaybePromise<void> {
    const failed = (thrown: unknown): void => {
      if (this.#isClosed) return;
      this.#spill.keepEnds(this.#toForget);
      this.#listeners.tellProblem(
        `What was delivered could not be removed yet: ${(thrown as Error).message}`,
        thrown,
      );
      this.#settleSoon(REST_MS);
    };
    try {
      const isDone = patiently(this.#patience, () => this.#forgetNow());
      return isDone instanceof Promise ? isDone.catch(failed) : undefined;
    } catch (thrown) {
      return failed(thrown);
    }
  }

  #forgetNow(): void {
    for (const id of this.#toForget) {
      this.#events.remove(id);
      this.#toForget.delete(id);
      this.#spill.forgotten(id);
    }
  }

  /** Tries the file until it has taken what waits beside it, ever more seldom. */
  #settleSoon(ms: number): void {
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined;
      if (this.#isClosed || this.#settleSpill()) return;
      this.#settleSoon(Math.min(2 * ms, REST_MS));
    }, ms).unref();
  }

  /** Moves to the file what it did not take before. Says whether nothing is left that could be moved. */
  #settleSpill(): boolean {
    try {
      this.#forgetNow();
      const idle = this.#spill.idle();
      if (idle.length === 0) return true;
      this.#moveSpilled(idle.slice(0, MOVED_AT_ONCE));
      if (idle.length > MOVED_AT_ONCE) this.#settleSoon(FIRST_TRY_MS);
      return this.#spill.idle().length === 0;
    } catch {
      // It was told when they came here.
      this.#spill.keep();
      return false;
    }
  }

  #moveSpilled(records: readonly QueueRecord[]): void {
    this.#spill.remove(this.#events.move(records));
    this.#restUntil = 0;
  }

  #adoptSpills(): void {
    if (Date.now() - this.#lookedForSpillsAt < SPILL_LOOK_MS) return;
    this.#lookedForSpillsAt = Date.now();
    try {
      const wasMoved = (id: string): boolean => this.#events.wasMoved(id);
      const ended = this.#spill.adopt(wasMoved, (problem) => this.#listeners.tellProblem(problem));
      for (const id of ended) this.#toForget.add(id);
    } catch (thrown) {
      this.#listeners.tellProblem(
        `What processes left beside the file can't be read: ${(thrown as Error).message}`,
        thrown,
      );
    }
    if (!this.#settleSpill()) this.#settleSoon(FIRST_TRY_MS);
  }
}
