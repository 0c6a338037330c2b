import { closeSync, openSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Draft } from './entry.ts';
import { type KeptProfile, Profile } from './profile.ts';

/** Two inspectors would number their entries alike, so one has the file for itself. */
const ALONE = 'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; COMMIT;';
const SCHEMA = `
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS entries (seq INTEGER PRIMARY KEY, draft TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS people (key TEXT PRIMARY KEY, profile TEXT NOT NULL, place INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
`;
const VERSION = 1;
const SQLITE_BUSY = 5;
/** Written together, for each write by itself would wait for the disk. */
const WRITE_AFTER_MS = 50;

interface Read {
  readonly entries: readonly { readonly seq: number; readonly draft: Draft }[];
  readonly people: readonly Profile[];
  readonly lastSeq: number;
  readonly total: number;
  /** Of the run before, if that ended in order. */
  readonly epoch: number | undefined;
}

/** @throws for a file that is no such database, or that can't be written */
export async function openMirror(path: string): Promise<Mirror> {
  // Not at the top: Node 22 warns of it, and most never use it.
  const { DatabaseSync } = await import('node:sqlite');
  try {
    // What was received is nobody else's.
    closeSync(openSync(path, 'a', 0o600));
    const db = new DatabaseSync(path);
    try {
      db.exec(ALONE);
      const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
      const { count } = db.prepare('SELECT count(*) AS count FROM sqlite_schema').get() as { count: number };
      if (version !== VERSION && (version !== 0 || count !== 0))
        throw new Error('it is not one of the inspector');
      db.exec(`${SCHEMA} PRAGMA user_version = ${VERSION};`);
      return new Mirror(db, path);
    } catch (thrown) {
      db.close();
      throw thrown;
    }
  } catch (thrown) {
    throw unusable(path, thrown);
  }
}

/** A file that has what the store has. A process that is killed loses the last moment. */
export class Mirror {
  readonly #db: DatabaseSync;
  readonly #path: string;
  readonly #statements: Record<'entry' | 'forget' | 'person' | 'gone' | 'number', StatementSync>;
  #entries: { readonly seq: number; readonly draft: Draft }[] = [];
  #people = new Map<string, Profile | undefined>();
  #forgetBefore = 0;
  /** All up to there is to go first. */
  #clearedUpTo: number | undefined;
  #total = 0;
  #place = Date.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(db: DatabaseSync, path: string) {
    this.#db = db;
    this.#path = path;
    this.#statements = {
      entry: db.prepare('INSERT INTO entries VALUES (?, ?)'),
      forget: db.prepare('DELETE FROM entries WHERE seq < ?'),
      person: db.prepare('INSERT OR REPLACE INTO people VALUES (?, ?, ?)'),
      gone: db.prepare('DELETE FROM people WHERE key = ?'),
      number: db.prepare('INSERT OR REPLACE INTO numbers VALUES (?, ?)'),
    };
  }

  /** @throws for a file whose rows are not ours */
  read(maxEvents: number): Read {
    try {
      return this.#read(maxEvents);
    } catch (thrown) {
      throw unusable(this.#path, thrown);
    }
  }

  saveEntry(seq: number, draft: Draft, total: number): void {
    this.#entries.push({ seq, draft });
    this.#total = total;
    this.#schedule();
  }

  forgetBefore(seq: number): void {
    this.#forgetBefore = seq;
    this.#schedule();
  }

  savePerson(key: string, profile: Profile | undefined): void {
    // To the end, for the order in which they were seen.
    this.#people.delete(key);
    this.#people.set(key, profile);
    this.#schedule();
  }

  clear(lastSeq: number): void {
    this.#entries = [];
    this.#people.clear();
    this.#total = 0;
    this.#clearedUpTo = lastSeq;
    this.#schedule();
  }

  /** @param epoch that of the numbers, for the next run goes on with them */
  close(epoch?: number): void {
    this.#write();
    if (epoch !== undefined) this.#statements.number.run('epoch', epoch);
    this.#db.close();
  }

  #read(maxEvents: number): Read {
    const find = this.#db.prepare('SELECT value FROM numbers WHERE name = ?');
    const number = (name: string) => find.get(name)?.value as number | undefined;
    const newest = this.#db.prepare('SELECT * FROM entries ORDER BY seq DESC LIMIT ?');
    const entries = [...newest.iterate(maxEvents)]
      .map(({ seq, draft }) => ({ seq: seq as number, draft: JSON.parse(draft as string) as Draft }))
      .reverse();
    const seenLast = this.#db.prepare('SELECT profile FROM people ORDER BY place DESC LIMIT ?');
    const people = [...seenLast.iterate(maxEvents)]
      .map(({ profile }) => Profile.from(JSON.parse(profile as string) as KeptProfile))
      .reverse();
    this.#total = number('total') ?? 0;
    const lastSeq = Math.max(number('lastSeq') ?? 0, entries.at(-1)?.seq ?? 0);
    const epoch = number('epoch');
    // What is not read would come back one day, under a larger limit.
    this.#db.prepare('DELETE FROM entries WHERE seq < ?').run(entries[0]?.seq ?? 0);
    const beyond = 'DELETE FROM people WHERE key NOT IN (SELECT key FROM people ORDER BY place DESC LIMIT ?)';
    this.#db.prepare(beyond).run(maxEvents);
    // A process that is killed may have told of entries that are not in the file.
    this.#db.exec("DELETE FROM numbers WHERE name = 'epoch'");
    return { entries, people, lastSeq, total: Math.max(this.#total, entries.length), epoch };
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      try {
        this.#write();
      } catch {
        // A full disk: all is still in memory, and is tried again with what comes next or at the end.
      }
    }, WRITE_AFTER_MS);
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#entries.length === 0 && this.#people.size === 0 && this.#clearedUpTo === undefined) return;
    this.#entries = this.#entries.filter(({ seq }) => seq >= this.#forgetBefore);
    this.#transaction(() => {
      if (this.#clearedUpTo !== undefined) {
        this.#db.exec('DELETE FROM entries; DELETE FROM people;');
        this.#statements.number.run('lastSeq', this.#clearedUpTo);
      }
      for (const { seq, draft } of this.#entries) this.#statements.entry.run(seq, JSON.stringify(draft));
      this.#statements.forget.run(this.#forgetBefore);
      for (const [key, profile] of this.#people) {
        this.#place += 1;
        if (profile) this.#statements.person.run(key, JSON.stringify(profile), this.#place);
        else this.#statements.gone.run(key);
      }
      this.#statements.number.run('total', this.#total);
    });
    this.#entries = [];
    this.#people.clear();
    this.#clearedUpTo = undefined;
  }

  #transaction(work: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#db.exec('COMMIT');
    } catch (thrown) {
      // A full disk, for one, has ended it already.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw thrown;
    }
  }
}

function unusable(path: string, thrown: unknown): Error {
  const { message, errcode } = thrown as Error & { errcode?: number };
  const reason = errcode === SQLITE_BUSY ? 'another process has it open' : message;
  return new Error(`The database ${path} can't be used: ${reason}`, { cause: thrown });
}
