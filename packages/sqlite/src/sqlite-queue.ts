import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import {
  aString,
  checkOptions,
  type EventQueue,
  oneOf,
  positiveInteger,
  type QueueCounts,
  type QueueRecord,
  VeroError,
} from '@verotrack/core/queue';
import { type Patience, patiently, persistently } from './busy.ts';
import { openDatabase } from './database.ts';
import { DeadLetterTable, type PutBack } from './dead-letters.ts';
import { isGone, newOwner } from './owners.ts';
import { Room } from './room.ts';
import { columnsOf, type EventRow, problemOf, toRecord, whole } from './rows.ts';
import { Spill } from './spill.ts';
import { SpillFolder } from './spill-folder.ts';
import { prepare, type Statements } from './statements.ts';

export interface SqliteQueueOptions {
  /** The file. It is made where there is none; its folder must be on a disk of this machine. */
  readonly path: string;
  /** How many events may wait. @default 1_000_000 */
  readonly capacity?: number | undefined;
  /** How large the file may grow, in bytes. @default 1 GiB */
  readonly maxBytes?: number | undefined;
  /** What a full queue drops. @default 'drop-newest' */
  readonly overflow?: 'drop-newest' | 'drop-oldest' | undefined;
  /** How many dead letters are kept; older ones are forgotten. @default 10_000 */
  readonly deadLetterCapacity?: number | undefined;
  /** How many events wait beside the file while it takes none. @default 1_000 */
  readonly spillCapacity?: number | undefined;
  /**
   * `normal`: an event outlives the process, however it ends. `full`: it outlives the loss of power, too, for which each
   * `track` waits for the disk.
   * @default 'normal'
   */
  readonly synchronous?: 'normal' | 'full' | undefined;
}

/**
 * A durable queue in the process: an event is in the file when `track` returns. Processes of one machine may share it.
 *
 * @example
 * const vero = createVero({ queue: sqliteQueue({ path: './data/vero.db' }) });
 * @throws {VeroError} `VERO_CONFIG` for a bad option, `VERO_QUEUE` for a file that is damaged or no queue
 */
export function sqliteQueue(options: SqliteQueueOptions): SqliteQueue {
  checkOptions('sqliteQueue', options, {
    path: aString,
    capacity: positiveInteger,
    maxBytes: positiveInteger,
    overflow: oneOf('drop-newest', 'drop-oldest'),
    deadLetterCapacity: positiveInteger,
    spillCapacity: positiveInteger,
    synchronous: oneOf('normal', 'full'),
  });
  if (options.path === undefined) throw new VeroError('VERO_CONFIG', 'sqliteQueue: option "path" is missing');
  return new SqliteQueue(options);
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
/** For how long it is known what was moved, should somebody find it beside the file, too. */
const MOVED_KNOWN_MS = 24 * 60 * 60_000;
/** How often it is asked whether a process has died with what it took. */
const DEAD_LOOK_MS = 2_000;
/** How often it is looked beside the file for what such a process left. */
const SPILL_LOOK_MS = 10_000;

/** How many problems are kept for the first who listens. */
const MOST_UNTOLD = 10;

type MaybePromise<T> = T | Promise<T>;

export class SqliteQueue implements EventQueue {
  readonly isDurable = true;
  readonly deadLetters: DeadLetterTable;
  readonly #options: Settings;
  readonly #database: DatabaseSync;
  readonly #sql: Statements;
  readonly #room: Room;
  readonly #spill: Spill;
  readonly #owner: string = newOwner();
  /** Rows of the records that this process put or took. A row's number may be used again, so its id is always asked, too. */
  readonly #rows = new Map<string, number>();
  /** Records that are to be forgotten as soon as the file lets us. */
  readonly #toForget = new Set<string>();
  readonly #available = new Set<(records: readonly QueueRecord[]) => void>();
  readonly #problems = new Set<(error: Error) => void>();
  /** Until then nothing is tried that a request would wait for. */
  #restUntil = 0;
  #settling: NodeJS.Timeout | undefined;
  #lookedForDeadAt = 0;
  #lookedForSpillsAt = 0;
  #untold: Error[] = [];
  #closing: Promise<void> | undefined;
  readonly #patience: Patience = { limitMs: PATIENCE_MS, isOver: () => this.#isClosed, ref: false };

  /** @internal */
  constructor(options: SqliteQueueOptions) {
    this.#options = settingsOf(options);
    const { path, spillCapacity, synchronous, deadLetterCapacity } = this.#options;
    this.#database = openDatabase(this.#options);
    this.#sql = prepare(this.#database);
    this.#room = new Room(this.#options, this.#sql);
    // By its real path: whoever else opens the file must look in the same folder.
    this.#spill = new Spill(
      spillCapacity,
      new SpillFolder(realpathSync(path), this.#owner, synchronous === 'full'),
    );
    const patience = { ...this.#patience, ref: true };
    this.deadLetters = new DeadLetterTable(this.#database, deadLetterCapacity, (letters) =>
      patiently(patience, () => this.#putBack(letters)),
    );
  }

  get #isClosed(): boolean {
    return this.#closing !== undefined;
  }

  put(records: readonly QueueRecord[]): QueueRecord[] {
    // Whoever locked the file once will not be waited for by every request.
    if (Date.now() < this.#restUntil) return this.#spill.put(records);
    try {
      return persistently(BUSY_MS, () => this.#insert(records));
    } catch (thrown) {
      this.#restUntil = Date.now() + REST_MS;
      this.#settleSoon(FIRST_TRY_MS);
      const dropped = this.#spill.put(records);
      const where = this.#spill.unkept === 0 ? 'beside it' : 'in memory';
      this.#tell(`The file takes no events, so they wait ${where}: ${(thrown as Error).message}`, thrown);
      return dropped;
    }
  }

  take(n: number, leaseMs: number, project: string): MaybePromise<QueueRecord[]> {
    this.#adoptSpills();
    this.#settleSpill();
    if ((this.#pausedUntil(project) ?? 0) > Date.now()) return [];
    const spilled = this.#spill.take(n, leaseMs, project);
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
    const due = whole(notBefore);
    return patiently(this.#patience, () => {
      const seq = this.#rows.get(id);
      if (seq !== undefined) this.#sql.retry.run(due, due, countsAttempt ? 1 : 0, seq, id, this.#owner);
    });
  }

  dead(id: string, reason: string): MaybePromise<void> {
    return patiently(this.#patience, () => this.#bury(id, reason));
  }

  pauseUntil(time: number, project: string): MaybePromise<void> {
    return patiently(this.#patience, () => void this.#sql.pause.run(project, whole(time)));
  }

  nextDueAt(project: string): number | undefined {
    const { due } = this.#sql.nextDue.get(project) as { due: number | null };
    const spilled = this.#spill.nextDueAt(project);
    const next = Math.min(due ?? Number.POSITIVE_INFINITY, spilled ?? Number.POSITIVE_INFINITY);
    if (next === Number.POSITIVE_INFINITY) return undefined;
    return Math.max(next, this.#pausedUntil(project) ?? 0);
  }

  counts(): SqliteQueueCounts {
    const now = Date.now();
    const { waiting, taken } = this.#sql.counts.get(now) as { waiting: number; taken: number };
    const spilled = this.#spill.size;
    return { waiting: waiting + spilled, taken, deadLetters: this.deadLetters.size, spilled };
  }

  missing(ids: readonly string[]): string[] {
    const rows = ids.map((id) => this.#rows.get(id)).filter((seq) => seq !== undefined);
    const present = this.#sql.present.all(JSON.stringify(rows)) as { id: string }[];
    const found = new Set(present.map(({ id }) => id));
    const missing = ids.filter((id) => !found.has(id) && !this.#spill.has(id));
    for (const id of missing) this.#rows.delete(id);
    return missing;
  }

  onAvailable(listener: (records: readonly QueueRecord[]) => void): () => void {
    const own = (records: readonly QueueRecord[]): void => listener(records);
    this.#available.add(own);
    return () => void this.#available.delete(own);
  }

  onProblem(listener: (error: Error) => void): () => void {
    const own = (error: Error): void => listener(error);
    this.#problems.add(own);
    for (const error of this.#untold.splice(0)) own(error);
    return () => void this.#problems.delete(own);
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
        if (this.#toForget.size > 0) this.#forgetNow();
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
    if (spilled) {
      this.#transaction(() => this.deadLetters.add(spilled, reason));
      this.#spill.remove([id]);
      return;
    }
    const seq = this.#seqOf(id);
    if (seq === undefined) return;
    this.#transaction(() => {
      const row = this.#sql.find.get(seq, id) as unknown as EventRow | undefined;
      if (row) this.deadLetters.add(toRecord(row), reason);
      this.#sql.remove.run(seq, id);
    });
    this.#rows.delete(id);
    this.#room.freed();
  }

  /** Returns what has no room. @throws what SQLite throws when the file can't be written */
  #insert(records: readonly QueueRecord[]): QueueRecord[] {
    // One alone needs no transaction, as long as nothing is dropped for it.
    if (records.length === 1 && this.#options.overflow === 'drop-newest') return this.#insertEach(records);
    return this.#transaction(() => this.#insertEach(records));
  }

  #insertEach(records: readonly QueueRecord[]): QueueRecord[] {
    const dropped: QueueRecord[] = [];
    for (const record of records) {
      if (!this.#room.takes(record.body.length)) {
        const oldest = this.#options.overflow === 'drop-oldest' ? this.#dropOldest() : undefined;
        dropped.push(oldest ?? record);
        if (!oldest) continue;
      }
      this.#store(record);
    }
    return dropped;
  }

  #store(record: QueueRecord): void {
    const { lastInsertRowid } = this.#sql.insert.run(...columnsOf(record));
    this.#rows.set(record.id, Number(lastInsertRowid));
  }

  #putBack(letters: Parameters<PutBack>[0]): number {
    let count = 0;
    this.#transaction(() => {
      for (const { record, remove } of letters) {
        // What waits is not dropped for what was given up.
        if (!this.#room.takes(record.body.length)) return;
        // Somebody may have replayed it meanwhile.
        if (!remove()) continue;
        this.#store(record);
        count++;
      }
    });
    // Others may take them, too.
    if (count > 0) for (const listener of [...this.#available]) listener([]);
    return count;
  }

  #dropOldest(): QueueRecord | undefined {
    const row = this.#sql.dropOldest.get(Date.now()) as unknown as EventRow | undefined;
    // Its place is the new one's.
    if (row) this.#rows.delete(row.id);
    return row && toRecord(row);
  }

  #takeRows(n: number, leaseMs: number, project: string): QueueRecord[] {
    const now = Date.now();
    if (now - this.#lookedForDeadAt >= DEAD_LOOK_MS) this.#releaseLeasesOfTheDead();
    const rows = this.#sql.take.all(
      whole(now + leaseMs),
      this.#owner,
      project,
      now,
      n,
    ) as unknown as EventRow[];
    return rows
      .toSorted((a, b) => a.not_before - b.not_before || a.seq - b.seq)
      .filter((row) => this.#mayBeSent(row))
      .map(toRecord);
  }

  /** Validates what was read from disk: a file can be changed by anybody. */
  #mayBeSent(row: EventRow): boolean {
    this.#rows.set(row.id, row.seq);
    if (this.#toForget.has(row.id)) return false;
    const problem = problemOf(toRecord(row));
    if (!problem) return true;
    try {
      this.#bury(row.id, `damaged: ${problem}`);
      this.#tell(`A record in the file can't be sent, and is kept as a dead letter: ${problem}`);
    } catch (thrown) {
      // After its lease it comes again.
      this.#tell(`A record in the file can't be sent: ${problem}`, thrown);
    }
    return false;
  }

  #seqOf(id: string): number | undefined {
    return this.#rows.get(id) ?? (this.#sql.seqOf.get(id) as { seq: number } | undefined)?.seq;
  }

  /** What was delivered must not come back, so what could not be forgotten now is forgotten later. */
  #forget(): MaybePromise<void> {
    const failed = (thrown: unknown): void => {
      if (this.#isClosed) return;
      this.#spill.keepEnds(this.#toForget);
      this.#tell(`What was delivered could not be removed yet: ${(thrown as Error).message}`, thrown);
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
      const seq = this.#seqOf(id);
      if (seq !== undefined && this.#sql.remove.run(seq, id).changes > 0) this.#room.freed();
      this.#rows.delete(id);
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
      if (this.#toForget.size > 0) this.#forgetNow();
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
    const now = Date.now();
    const moved: string[] = [];
    this.#transaction(() => {
      for (const record of records) {
        // Nothing that waits in the file is dropped for it.
        if (!this.#room.takes(record.body.length)) break;
        this.#store(record);
        this.#sql.moved.run(record.id, now);
        moved.push(record.id);
      }
      this.#sql.forgetMoved.run(now - MOVED_KNOWN_MS);
    });
    this.#spill.remove(moved);
    this.#restUntil = 0;
  }

  #pausedUntil(project: string): number | undefined {
    return (this.#sql.pausedUntil.get(project) as { until: number } | undefined)?.until;
  }

  #releaseLeasesOfTheDead(): void {
    const owners = (this.#sql.owners.all() as { owner: string }[]).map(({ owner }) => owner);
    for (const owner of owners.filter(isGone)) this.#sql.release.run(owner);
    this.#lookedForDeadAt = Date.now();
  }

  #adoptSpills(): void {
    if (Date.now() - this.#lookedForSpillsAt < SPILL_LOOK_MS) return;
    this.#lookedForSpillsAt = Date.now();
    try {
      const isMoved = (id: string): boolean => this.#sql.isMoved.get(id) !== undefined;
      const ended = this.#spill.adopt(isMoved, (problem) => this.#tell(problem));
      for (const id of ended) this.#toForget.add(id);
    } catch (thrown) {
      this.#tell(`What processes left beside the file can't be read: ${(thrown as Error).message}`, thrown);
    }
    if (!this.#settleSpill()) this.#settleSoon(FIRST_TRY_MS);
  }

  #transaction<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (thrown) {
      // A full disk, for one, has ended it already, and what it says is what counts.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw thrown;
    }
  }

  #tell(message: string, cause?: unknown): void {
    const error = new VeroError('VERO_QUEUE', message, { cause });
    if (this.#problems.size === 0 && this.#untold.length < MOST_UNTOLD) this.#untold.push(error);
    for (const listener of [...this.#problems]) listener(error);
  }
}

/** The options with every default in its place. */
type Settings = { readonly [Name in keyof SqliteQueueOptions]-?: NonNullable<SqliteQueueOptions[Name]> };

function settingsOf({
  path,
  capacity = 1_000_000,
  maxBytes = 1024 ** 3,
  overflow = 'drop-newest',
  deadLetterCapacity = 10_000,
  spillCapacity = 1_000,
  synchronous = 'normal',
}: SqliteQueueOptions): Settings {
  return {
    path: resolve(path),
    capacity,
    maxBytes,
    overflow,
    deadLetterCapacity,
    spillCapacity,
    synchronous,
  };
}
