import type { DatabaseSync, StatementSync } from 'node:sqlite';
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
import { BUSY_MS, openDatabase } from './database.ts';
import { DeadLetterTable, type PutBack } from './dead-letters.ts';
import { isGone, newOwner } from './owners.ts';
import { columnsOf, type EventRow, problemOf, toRecord, whole } from './rows.ts';
import { Spill } from './spill.ts';

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
  /** How many events wait in memory while the disk takes none. @default 1_000 */
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
  /** Of those that wait, how many only this process's memory has. */
  readonly spilled: number;
}

/** How long a file that could not be written is left alone by `track`. */
const REST_MS = 250;
/** What waits in memory is lost if the process is killed, so the file is tried again soon, without waiting for it. */
const FIRST_TRY_MS = 5;
/** At the end, others who have the file locked are waited for, in milliseconds. */
const CLOSE_BUSY_MS = 2_000;
/** Room beyond this is looked for only when it is needed. */
const MOST_UNSEEN = 512;

export class SqliteQueue implements EventQueue {
  readonly isDurable = true;
  readonly deadLetters: DeadLetterTable;
  readonly #options: Settings;
  readonly #database: DatabaseSync;
  readonly #sql: Statements;
  readonly #spill: Spill;
  readonly #owner: string = newOwner();
  /** Rows of the records that this process put or took. A row's number may be used again, so its id is always asked, too. */
  readonly #rows = new Map<string, number>();
  /** Records that are to be forgotten as soon as the file lets us. */
  readonly #toForget = new Set<string>();
  readonly #available = new Set<(records: readonly QueueRecord[]) => void>();
  readonly #problems = new Set<(error: Error) => void>();
  #credit = { events: 0, bytes: 0 };
  /** Until then nothing is tried that a request would wait for. */
  #restUntil = 0;
  #settling: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** @internal */
  constructor(options: SqliteQueueOptions) {
    this.#options = settingsOf(options);
    this.#database = openDatabase(this.#options);
    this.#sql = prepare(this.#database);
    this.#spill = new Spill(this.#options.spillCapacity);
    this.deadLetters = new DeadLetterTable(this.#database, this.#options.deadLetterCapacity, (letters) =>
      this.#putBack(letters),
    );
    this.#releaseLeasesOfTheDead();
  }

  put(records: readonly QueueRecord[]): QueueRecord[] {
    // Whoever locked the file once will not be waited for by every request.
    if (Date.now() < this.#restUntil) return this.#spill.put(records);
    try {
      return this.#insert(records);
    } catch (thrown) {
      this.#restUntil = Date.now() + REST_MS;
      this.#settleSoon(FIRST_TRY_MS);
      this.#tell(`The file takes no events, so they wait in memory: ${(thrown as Error).message}`, thrown);
      return this.#spill.put(records);
    }
  }

  take(n: number, leaseMs: number, project: string): QueueRecord[] {
    this.#settleSpill();
    const spilled = this.#spill.take(n, leaseMs, project);
    if (spilled.length === n) return spilled;
    try {
      return [...spilled, ...this.#takeRows(n - spilled.length, leaseMs, project)];
    } catch (thrown) {
      // Those are lent already.
      if (spilled.length > 0) return spilled;
      throw thrown;
    }
  }

  ack(ids: readonly string[]): void {
    for (const id of ids) if (!this.#spill.remove(id)) this.#toForget.add(id);
    this.#forget();
  }

  retry(id: string, notBefore: number, countsAttempt: boolean): void {
    if (this.#spill.retry(id, notBefore, countsAttempt)) return;
    const seq = this.#rows.get(id);
    if (seq === undefined) return;
    const due = whole(notBefore);
    this.#sql.retry.run(due, due, countsAttempt ? 1 : 0, seq, id, this.#owner);
  }

  dead(id: string, reason: string): void {
    const spilled = this.#spill.remove(id);
    if (spilled) return this.deadLetters.add(spilled, reason);
    const seq = this.#seqOf(id);
    if (seq === undefined) return;
    this.#transaction(() => {
      const row = this.#sql.find.get(seq, id) as unknown as EventRow | undefined;
      if (row) this.deadLetters.add(toRecord(row), reason);
      this.#sql.remove.run(seq, id);
    });
    this.#rows.delete(id);
  }

  pauseUntil(time: number, project: string): void {
    this.#sql.pause.run(project, whole(time));
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
    return () => void this.#problems.delete(own);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#settling);
    try {
      // The last chance, and no request waits for it.
      this.#database.exec(`PRAGMA busy_timeout = ${CLOSE_BUSY_MS}`);
      this.#settleSpill(this.#spill.all());
      const lost = this.#spill.size;
      if (lost > 0)
        throw new VeroError('VERO_QUEUE', `The file took no events: ${lost} that waited in memory are lost`);
    } finally {
      this.#database.close();
    }
  }

  /** Returns what has no room. @throws what SQLite throws when the file can't be written */
  #insert(records: readonly QueueRecord[]): QueueRecord[] {
    if (records.length === 1) return this.#insertEach(records);
    return this.#transaction(() => this.#insertEach(records));
  }

  #insertEach(records: readonly QueueRecord[]): QueueRecord[] {
    const dropped: QueueRecord[] = [];
    for (const record of records) {
      if (!this.#hasRoom(record.body.length)) {
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

  #hasRoom(size: number): boolean {
    if (this.#credit.events <= 0 || this.#credit.bytes < size) this.#credit = this.#room();
    if (this.#credit.events <= 0 || this.#credit.bytes < 0) return false;
    this.#credit.events--;
    this.#credit.bytes -= size;
    return true;
  }

  /** For how much more there is room, without looking again: a part of it, as others may write, too. */
  #room(): { events: number; bytes: number } {
    const { capacity, maxBytes } = this.#options;
    // At most as many as there are numbers from the oldest to the newest: so the dear count is seldom needed.
    const { span } = this.#sql.span.get() as { span: number | null };
    let free = capacity - (span ?? 0);
    if (free <= 0) free = capacity - (this.#sql.count.get() as { count: number }).count;
    const { bytes } = this.#sql.bytes.get() as { bytes: number };
    return { events: Math.ceil(Math.min(free, MOST_UNSEEN) / 8), bytes: Math.floor((maxBytes - bytes) / 8) };
  }

  #putBack(letters: Parameters<PutBack>[0]): number {
    let count = 0;
    this.#transaction(() => {
      for (const { record, remove } of letters) {
        // What waits is not dropped for what was given up.
        if (!this.#hasRoom(record.body.length)) return;
        this.#store(record);
        remove();
        count++;
      }
    });
    // Others may take them, too.
    if (count > 0) for (const listener of [...this.#available]) listener([]);
    return count;
  }

  #dropOldest(): QueueRecord | undefined {
    const row = this.#sql.dropOldest.get(Date.now()) as unknown as EventRow | undefined;
    if (row) this.#rows.delete(row.id);
    return row && toRecord(row);
  }

  #takeRows(n: number, leaseMs: number, project: string): QueueRecord[] {
    const now = Date.now();
    if ((this.#pausedUntil(project) ?? 0) > now) return [];
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
    this.#tell(`A record in the file can't be sent, and is kept as a dead letter: ${problem}`);
    this.dead(row.id, `damaged: ${problem}`);
    return false;
  }

  #seqOf(id: string): number | undefined {
    return this.#rows.get(id) ?? (this.#sql.seqOf.get(id) as { seq: number } | undefined)?.seq;
  }

  /** What was delivered must not come back, so what could not be forgotten now is forgotten later. */
  #forget(): void {
    for (const id of this.#toForget) {
      try {
        const seq = this.#seqOf(id);
        if (seq !== undefined) this.#sql.remove.run(seq, id);
      } catch (thrown) {
        return this.#tell(
          `What was delivered could not be removed yet: ${(thrown as Error).message}`,
          thrown,
        );
      }
      this.#rows.delete(id);
      this.#toForget.delete(id);
    }
  }

  /** Tries the file until it has taken what waits in memory, ever more seldom. */
  #settleSoon(ms: number): void {
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined;
      if (this.#isClosed) return;
      this.#database.exec('PRAGMA busy_timeout = 0');
      this.#settleSpill();
      this.#database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
      if (this.#spill.idle().length > 0) this.#settleSoon(Math.min(2 * ms, REST_MS));
    }, ms).unref();
  }

  /** Moves to the file what it did not take before. */
  #settleSpill(idle: readonly QueueRecord[] = this.#spill.idle()): void {
    if (this.#toForget.size > 0) this.#forget();
    if (idle.length === 0) return;
    try {
      const stored = this.#transaction(() =>
        idle.filter((record) => {
          // Nothing that waits in the file is dropped for it.
          const isRoom = this.#hasRoom(record.body.length);
          if (isRoom) this.#store(record);
          return isRoom;
        }),
      );
      for (const { id } of stored) this.#spill.remove(id);
      this.#restUntil = 0;
    } catch {
      // It was told when they came here.
    }
  }

  #pausedUntil(project: string): number | undefined {
    return (this.#sql.pausedUntil.get(project) as { until: number } | undefined)?.until;
  }

  #releaseLeasesOfTheDead(): void {
    const now = Date.now();
    for (const { owner } of this.#sql.owners.all(now) as { owner: string }[]) {
      if (isGone(owner)) this.#sql.release.run(owner);
    }
  }

  #transaction<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (thrown) {
      this.#database.exec('ROLLBACK');
      throw thrown;
    }
  }

  #tell(message: string, cause?: unknown): void {
    const error = new VeroError('VERO_QUEUE', message, { cause });
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
  return { path, capacity, maxBytes, overflow, deadLetterCapacity, spillCapacity, synchronous };
}

type Statements = Readonly<Record<keyof typeof SQL, StatementSync>>;

const SQL = {
  insert: `INSERT INTO events (id, v, kind, project, name, accepted_at, attempts, not_before, due, trace, body)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  take: `UPDATE events SET due = ?, owner = ? WHERE seq IN
    (SELECT seq FROM events WHERE project = ? AND due <= ? ORDER BY due, seq LIMIT ?) RETURNING *`,
  retry: `UPDATE events SET not_before = ?, due = ?, attempts = attempts + ?, owner = NULL WHERE seq = ? AND id = ? AND owner = ?`,
  remove: 'DELETE FROM events WHERE seq = ? AND id = ?',
  find: 'SELECT * FROM events WHERE seq = ? AND id = ?',
  seqOf: 'SELECT seq FROM events WHERE id = ?',
  nextDue: 'SELECT MIN(due) AS due FROM events WHERE project = ?',
  counts:
    'SELECT COUNT(*) AS waiting, COUNT(*) FILTER (WHERE owner IS NOT NULL AND due > ?) AS taken FROM events',
  present: 'SELECT id FROM events WHERE seq IN (SELECT value FROM json_each(?))',
  span: 'SELECT (SELECT MAX(seq) FROM events) - (SELECT MIN(seq) FROM events) + 1 AS span',
  count: 'SELECT COUNT(*) AS count FROM events',
  bytes: `SELECT (page_count - freelist_count) * page_size AS bytes
    FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
  dropOldest: `DELETE FROM events WHERE seq =
    (SELECT seq FROM events WHERE owner IS NULL OR due <= ? ORDER BY seq LIMIT 1) RETURNING *`,
  pause: `INSERT INTO pauses (project, until) VALUES (?, ?)
    ON CONFLICT (project) DO UPDATE SET until = MAX(until, excluded.until)`,
  pausedUntil: 'SELECT until FROM pauses WHERE project = ?',
  owners: 'SELECT DISTINCT owner FROM events WHERE owner IS NOT NULL AND due > ?',
  release: 'UPDATE events SET due = not_before, owner = NULL WHERE owner = ?',
};

function prepare(database: DatabaseSync): Statements {
  const prepared = Object.entries(SQL).map(([name, sql]) => [name, database.prepare(sql)]);
  return Object.fromEntries(prepared) as Statements;
}
