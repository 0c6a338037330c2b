import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { VeroError } from '@verotrack/core/queue';
import { inTransaction } from './transaction.ts';

/** At start, processes that make or open the file at once wait for each other. */
const OPEN_BUSY_MS = 5_000;
/** "VERO": says in the file's header whose it is. */
const APPLICATION_ID = 0x5645524f;
/** Of the schema: with any change of that it goes up, as a file that lacks something of it counts as damaged. */
const VERSION = 1;
/** About what an event takes with its place in the index: of larger pages, each event would write more. */
const PAGE_BYTES = 2_048;
/** How many pages are written beside the file before they are moved into it, which holds `track` up. */
const CHECKPOINT_PAGES = 4_000;
/** Checking a larger file would hold up the start: this much takes about 0.4 s. */
const MAX_CHECKED_BYTES = 256 * 1024 * 1024;

const SCHEMA = `
  CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    v INTEGER NOT NULL,
    kind TEXT NOT NULL,
    project TEXT NOT NULL,
    name TEXT NOT NULL,
    accepted_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    -- When it may be taken: not_before, or the end of its lease.
    due INTEGER NOT NULL,
    owner TEXT,
    trace TEXT,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX events_by_due ON events (project, due, seq);
  CREATE INDEX events_by_owner ON events (owner) WHERE owner IS NOT NULL;
  CREATE TABLE dead_letters (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    record TEXT NOT NULL
  ) STRICT;
  -- What came here from beside the file, where it may still be written if a process died just then.
  CREATE TABLE moved (id TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT;
  CREATE TABLE pauses (project TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT;
`;

export interface OpenOptions {
  readonly path: string;
  /** `full` also survives the loss of power. */
  readonly synchronous: 'normal' | 'full';
  /** Is told what was damaged and could be mended. */
  readonly onMended: (problem: string) => void;
}

/**
 * Opens the file, and makes it where there is none. A file that is no queue is left as it was. A damaged one is kept, though
 * SQLite may put its header right, or cut what is no whole page.
 *
 * @throws {VeroError} `VERO_QUEUE`, with the path and what to do
 */
export function openDatabase({ path, synchronous, onMended }: OpenOptions): DatabaseSync {
  assertOurs(path);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: OPEN_BUSY_MS });
    database.exec(`PRAGMA page_size = ${PAGE_BYTES}`);
    create(database);
    checkSchema(database, path);
    const mended = checkIntegrity(database, path);
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
      PRAGMA synchronous = ${synchronous};
      PRAGMA busy_timeout = 0;
    `);
    if (mended !== undefined) onMended(mended);
    return database;
  } catch (thrown) {
    database?.close();
    if (thrown instanceof VeroError) throw thrown;
    throw fileError(path, `could not be opened: ${(thrown as Error).message}`, { cause: thrown });
  }
}

/** Reads the header only: merely opening a foreign database could leave traces beside it. */
function assertOurs(path: string): void {
  if (!existsSync(path) || statSync(path).size === 0) return;
  const header = Buffer.alloc(100);
  const file = openSync(path, 'r');
  try {
    readSync(file, header, 0, header.length, 0);
  } finally {
    closeSync(file);
  }
  if (header.toString('latin1', 0, 16) !== 'SQLite format 3\0') {
    throw fileError(
      path,
      'is not a queue: it is no SQLite database. Choose another path; the file was left as it is',
    );
  }
  if (header.readUInt32BE(68) !== APPLICATION_ID) {
    throw fileError(path, 'belongs to another application. Choose another path; the file was left as it is');
  }
  const version = header.readUInt32BE(60);
  if (version > VERSION) {
    throw fileError(
      path,
      `was made by a newer version (its format is ${version}, this one knows ${VERSION}). Update @verotrack/sqlite`,
    );
  }
}

function create(database: DatabaseSync): void {
  inTransaction(database, () => {
    const { user_version: version } = database.prepare('PRAGMA user_version').get() as {
      user_version: number;
    };
    // Inside the transaction: another process may have made it meanwhile. Later versions migrate here, step by step.
    if (version === 0) {
      database.exec(
        `${SCHEMA}; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${VERSION};`,
      );
    }
  });
}

/** SQLite checks that a schema can be read, not that it is ours: one byte of it gives a column another name. */
function checkSchema(database: DatabaseSync, path: string): void {
  const expected = new DatabaseSync(':memory:');
  try {
    expected.exec(SCHEMA);
    const found = new Set(columnsIn(database));
    const missing = columnsIn(expected).find((column) => !found.has(column));
    if (missing !== undefined) throw damaged(path, `its schema has no ${missing}`);
  } finally {
    expected.close();
  }
}

/** The columns of tables and of indexes, each with what it takes. */
function columnsIn(database: DatabaseSync): string[] {
  const columns = database.prepare(`
    SELECT format('%s.%s %s%s%s', made.name, col.name, col.type, iif(col."notnull", ' not null', ''), iif(col.pk, ' key', ''))
      AS described FROM sqlite_schema AS made, pragma_table_xinfo(made.name) AS col WHERE made.type = 'table'
    UNION ALL
    SELECT format('%s.%s', made.name, col.name) FROM sqlite_schema AS made, pragma_index_info(made.name) AS col
      WHERE made.type = 'index'`);
  return (columns.all() as { described: string }[]).map(({ described }) => described);
}

/** An index that differs from its table is made anew: nothing is lost by that, and nothing could be taken otherwise. */
function checkIntegrity(database: DatabaseSync, path: string): string | undefined {
  if (statSync(path).size > MAX_CHECKED_BYTES) return;
  const problem = integrityProblem(database);
  if (problem === undefined) return;
  try {
    inTransaction(database, () => {
      database.exec('REINDEX');
      const left = integrityProblem(database);
      if (left !== undefined) throw new Error(left);
    });
  } catch (thrown) {
    throw damaged(path, problem, { cause: thrown });
  }
  return `The indexes of the file ${path} were damaged (${problem}), and were made anew. Its disk may be failing`;
}

function integrityProblem(database: DatabaseSync): string | undefined {
  const [row] = database.prepare('PRAGMA integrity_check(1)').all() as { integrity_check: string }[];
  return row?.integrity_check === 'ok' ? undefined : String(row?.integrity_check);
}

function damaged(path: string, what: string, options?: ErrorOptions): VeroError {
  return fileError(
    path,
    `is damaged (${what}). Move it away to start anew; nothing was removed from it`,
    options,
  );
}

function fileError(path: string, problem: string, options?: ErrorOptions): VeroError {
  return new VeroError('VERO_QUEUE', `sqliteQueue: the file ${path} ${problem}.`, options);
}
