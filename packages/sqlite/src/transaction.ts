import type { DatabaseSync } from 'node:sqlite';

/** Does all of it or nothing. @throws what `work` or SQLite throws */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (thrown) {
    // A full disk, for one, has ended it already, and what it says is what counts.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw thrown;
  }
}
