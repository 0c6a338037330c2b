import type { DatabaseSync } from 'node:sqlite';
import type { QueueRecord } from '@verotrack/core/queue';
import { isGone } from './owners.ts';
import { Room } from './room.ts';
import { columnsOf, type EventRow, toRecord, whole } from './rows.ts';
import { prepare, type Statements } from './statements.ts';
import { inTransaction } from './transaction.ts';

export interface EventTableOptions {
  readonly capacity: number;
  readonly maxBytes: number;
  readonly overflow: 'drop-newest' | 'drop-oldest';
}

/** How often it is asked whether a process has died with what it took. */
const DEAD_LOOK_MS = 2_000;
/** For how long it is known what was moved here, should somebody find it beside the file, too. */
const MOVED_KNOWN_MS = 24 * 60 * 60_000;

/** The events in the file. Everything here is done at once, and throws what SQLite throws. */
export class EventTable {
  readonly #database: DatabaseSync;
  readonly #sql: Statements;
  readonly #room: Room;
  readonly #overflow: EventTableOptions['overflow'];
  readonly #owner: string;
  /** Rows of the records that this process put or took. A row's number may be used again, so its id is always asked, too. */
  readonly #rows = new Map<string, number>();
  #lookedForDeadAt = 0;

  constructor(database: DatabaseSync, options: EventTableOptions, owner: string) {
    this.#database = database;
    this.#sql = prepare(database);
    this.#room = new Room(options, this.#sql);
    this.#overflow = options.overflow;
    this.#owner = owner;
  }

  /** Returns what has no room. */
  put(records: readonly QueueRecord[]): QueueRecord[] {
    // One alone needs no transaction, as long as nothing is dropped for it.
    if (records.length === 1 && this.#overflow === 'drop-newest') return this.#putEach(records);
    return this.transaction(() => this.#putEach(records));
  }

  /** Drops nothing for it. Says whether there was room. */
  putIfRoom(record: QueueRecord): boolean {
    if (!this.#room.takes(record.body.length)) return false;
    this.#store(record);
    return true;
  }

  /** Takes records from beside the file, as long as there is room. Returns the ids of those that are here now. */
  move(records: readonly QueueRecord[]): string[] {
    const now = Date.now();
    return this.transaction(() => {
      const moved: string[] = [];
      for (const record of records) {
        if (!this.putIfRoom(record)) break;
        this.#sql.moved.run(record.id, now);
        moved.push(record.id);
      }
      this.#sql.forgetMoved.run(now - MOVED_KNOWN_MS);
      return moved;
    });
  }

  /** Whether it came here from beside the file. */
  wasMoved(id: string): boolean {
    return this.#sql.isMoved.get(id) !== undefined;
  }

  take(n: number, leaseMs: number, project: string): QueueRecord[] {
    const now = Date.now();
    if (now - this.#lookedForDeadAt >= DEAD_LOOK_MS) this.#releaseLeasesOfTheDead();
    const until = whole(now + leaseMs);
    const rows = this.#sql.take.all(until, this.#owner, project, now, n) as unknown as EventRow[];
    for (const { id, seq } of rows) this.#rows.set(id, seq);
    return rows.toSorted((a, b) => a.not_before - b.not_before || a.seq - b.seq).map(toRecord);
  }

  /** Puts back what this process took. */
  retry(id: string, notBefore: number, countsAttempt: boolean): void {
    const seq = this.#rows.get(id);
    if (seq === undefined) return;
    const due = whole(notBefore);
    this.#sql.retry.run(due, due, countsAttempt ? 1 : 0, seq, id, this.#owner);
  }

  find(id: string): QueueRecord | undefined {
    const seq = this.#seqOf(id);
    const row = seq === undefined ? undefined : this.#sql.find.get(seq, id);
    return row && toRecord(row as unknown as EventRow);
  }

  remove(id: string): void {
    const seq = this.#seqOf(id);
    if (seq !== undefined && this.#sql.remove.run(seq, id).changes > 0) this.#room.freed();
    this.#rows.delete(id);
  }

  pause(until: number, project: string): void {
    this.#sql.pause.run(project, whole(until));
  }

  pausedUntil(project: string): number {
    return (this.#sql.pausedUntil.get(project) as { until: number } | undefined)?.until ?? 0;
  }

  nextDueAt(project: string): number | undefined {
    return (this.#sql.nextDue.get(project) as { due: number | null }).due ?? undefined;
  }

  counts(): { waiting: number; taken: number } {
    return this.#sql.counts.get(Date.now()) as { waiting: number; taken: number };
  }

  /** Which of those that this process put or took are no longer here. */
  missing(ids: readonly string[]): string[] {
    const rows = ids.map((id) => this.#rows.get(id)).filter((seq) => seq !== undefined);
    const present = this.#sql.present.all(JSON.stringify(rows)) as { id: string }[];
    const found = new Set(present.map(({ id }) => id));
    const missing = ids.filter((id) => !found.has(id));
    for (const id of missing) this.#rows.delete(id);
    return missing;
  }

  transaction<T>(work: () => T): T {
    return inTransaction(this.#database, work);
  }

  #putEach(records: readonly QueueRecord[]): QueueRecord[] {
    const dropped: QueueRecord[] = [];
    for (const record of records) {
      if (this.putIfRoom(record)) continue;
      const oldest = this.#overflow === 'drop-oldest' ? this.#dropOldest() : undefined;
      dropped.push(oldest ?? record);
      if (oldest) this.#store(record);
    }
    return dropped;
  }

  #store(record: QueueRecord): void {
    const { lastInsertRowid } = this.#sql.insert.run(...columnsOf(record));
    this.#rows.set(record.id, Number(lastInsertRowid));
  }

  /** Its place is the new one's. */
  #dropOldest(): QueueRecord | undefined {
    const row = this.#sql.dropOldest.get(Date.now()) as unknown as EventRow | undefined;
    if (row) this.#rows.delete(row.id);
    return row && toRecord(row);
  }

  #seqOf(id: string): number | undefined {
    return this.#rows.get(id) ?? (this.#sql.seqOf.get(id) as { seq: number } | undefined)?.seq;
  }

  #releaseLeasesOfTheDead(): void {
    const owners = (this.#sql.owners.all() as { owner: string }[]).map(({ owner }) => owner);
    for (const owner of owners.filter(isGone)) this.#sql.release.run(owner);
    this.#lookedForDeadAt = Date.now();
  }
}
