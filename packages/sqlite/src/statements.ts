import type { DatabaseSync, StatementSync } from 'node:sqlite';

type Name =
  | 'insert'
  | 'take'
  | 'retry'
  | 'remove'
  | 'find'
  | 'seqOf'
  | 'nextDue'
  | 'counts'
  | 'present'
  | 'span'
  | 'count'
  | 'bytes'
  | 'dropOldest'
  | 'pause'
  | 'pausedUntil'
  | 'moved'
  | 'forgetMoved'
  | 'isMoved'
  | 'owners'
  | 'release';

export type Statements = Readonly<Record<Name, StatementSync>>;

export function prepare(database: DatabaseSync): Statements {
  const prepared = Object.entries(SQL).map(([name, sql]) => [name, database.prepare(sql)]);
  return Object.fromEntries(prepared) as Statements;
}

/** A number that JavaScript can't hold makes reading it fail, and with it every row beside it: a file may be damaged. */
export const readable = (column: string): string =>
  `MAX(MIN(${column}, ${Number.MAX_SAFE_INTEGER}), ${Number.MIN_SAFE_INTEGER}) AS ${column}`;
const ROW: string = [
  ...['seq', 'id', 'kind', 'project', 'name', 'trace', 'body'],
  ...['v', 'accepted_at', 'attempts', 'not_before'].map(readable),
].join(', ');

const SQL: Readonly<Record<Name, string>> = {
  insert: `INSERT INTO events (id, v, kind, project, name, accepted_at, attempts, not_before, due, trace, body)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  take: `UPDATE events SET due = ?, owner = ? WHERE seq IN
    (SELECT seq FROM events WHERE project = ? AND due <= ? ORDER BY due, seq LIMIT ?) RETURNING ${ROW}`,
  retry: `UPDATE events SET not_before = ?, due = ?, attempts = attempts + ?, owner = NULL WHERE seq = ? AND id = ? AND owner = ?`,
  remove: 'DELETE FROM events WHERE seq = ? AND id = ?',
  find: `SELECT ${ROW} FROM events WHERE seq = ? AND id = ?`,
  seqOf: 'SELECT seq FROM events WHERE id = ?',
  nextDue: `SELECT ${readable('due')} FROM (SELECT MIN(due) AS due FROM events WHERE project = ?)`,
  counts:
    'SELECT COUNT(*) AS waiting, COUNT(*) FILTER (WHERE owner IS NOT NULL AND due > ?) AS taken FROM events',
  present: 'SELECT id FROM events WHERE seq IN (SELECT value FROM json_each(?))',
  span: 'SELECT (SELECT MAX(seq) FROM events) - (SELECT MIN(seq) FROM events) + 1 AS span',
  count: 'SELECT COUNT(*) AS count FROM events',
  bytes: `SELECT (page_count - freelist_count) * page_size AS bytes
    FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
  dropOldest: `DELETE FROM events WHERE seq =
    (SELECT seq FROM events WHERE owner IS NULL OR due <= ? ORDER BY seq LIMIT 1) RETURNING ${ROW}`,
  pause: `INSERT INTO pauses (project, until) VALUES (?, ?)
    ON CONFLICT (project) DO UPDATE SET until = MAX(until, excluded.until)`,
  pausedUntil: `SELECT ${readable('until')} FROM pauses WHERE project = ?`,
  moved: 'INSERT OR REPLACE INTO moved (id, at) VALUES (?, ?)',
  forgetMoved: 'DELETE FROM moved WHERE at < ?',
  isMoved: 'SELECT 1 FROM moved WHERE id = ?',
  owners: 'SELECT DISTINCT owner FROM events WHERE owner IS NOT NULL',
  release: 'UPDATE events SET due = not_before, owner = NULL WHERE owner = ?',
};
