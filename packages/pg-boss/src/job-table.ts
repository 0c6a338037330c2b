import type { QueueCounts } from '@verotrack/core/queue';
import type { FetchedJob } from './boss.ts';
import type { Connection } from './connection.ts';
import { milliseconds } from './fleet-state.ts';

/** How many of those that wait are looked at for when the next is due. */
const LOOKED_AT = 1_000;

/** What is asked of pg-boss's table, and pg-boss has no call for. */
export class JobTable {
  readonly #connection: Connection;
  readonly #schema: string;

  constructor(connection: Connection, schema: string) {
    this.#connection = connection;
    this.#schema = schema;
  }

  /** When the queue may next give something, in milliseconds since 1970, not before its pause is over. */
  async nextDueAt(queue: string): Promise<number | undefined> {
    // In the order in which they are given out, so that the index answers, however many wait.
    const [row] = await this.#connection.query<{ due: number | null; until: number | null }>(
      `SELECT ${milliseconds('LEAST(waiting.due, leased.due)')} AS due, (
         SELECT ${milliseconds('paused_until')} FROM ${this.#schema}.verotrack_fleet WHERE queue = $1
       ) AS until FROM (
         SELECT MIN(start_after) AS due FROM (
           SELECT start_after FROM ${this.#schema}.job
           WHERE name = $1 AND state < 'active' AND NOT blocked ORDER BY priority DESC, created_on LIMIT ${LOOKED_AT}
         ) AS first
       ) AS waiting, (
         SELECT MIN(started_on + expire_seconds * interval '1 second') AS due FROM ${this.#schema}.job
         WHERE name = $1 AND state = 'active'
       ) AS leased`,
      [queue],
    );
    return typeof row?.due === 'number' ? Math.max(row.due, row.until ?? 0) : undefined;
  }

  /** Of all queues whose names begin so. */
  async counts(prefix: string): Promise<QueueCounts> {
    // The states by name, as in the index that answers this.
    const [row] = await this.#connection.query<QueueCounts>(
      `SELECT COUNT(*) FILTER (WHERE NOT is_dead)::int AS waiting,
         COUNT(*) FILTER (WHERE NOT is_dead AND state = 'active')::int AS taken,
         COUNT(*) FILTER (WHERE is_dead)::int AS "deadLetters"
       FROM (
         SELECT state, name LIKE '%.%.dead' AS is_dead FROM ${this.#schema}.job
         WHERE name IN (SELECT name FROM ${this.#schema}.queue WHERE starts_with(name, $1))
           AND state IN ('created', 'retry', 'active')
       ) AS jobs`,
      [prefix],
    );
    return row ?? { waiting: 0, taken: 0, deadLetters: 0 };
  }

  /** Which of these jobs have not ended. */
  async unended(queues: readonly string[], ids: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.#connection.query<{ id: string }>(
      `SELECT id FROM ${this.#schema}.job
       WHERE name = ANY($1::text[]) AND id = ANY($2::uuid[]) AND state < 'completed'`,
      [queues, ids],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Jobs are lent for as long as their queue says, unless this take says otherwise. */
  async lend(jobs: readonly FetchedJob<unknown>[], queue: string, leaseMs: number): Promise<void> {
    const seconds = Math.ceil(leaseMs / 1_000);
    const others = jobs.filter(({ expireInSeconds }) => expireInSeconds !== seconds);
    if (others.length === 0) return;
    await this.#connection.query(
      `UPDATE ${this.#schema}.job SET expire_seconds = $3 WHERE name = $1 AND id = ANY($2::uuid[])`,
      [queue, others.map(({ id }) => id), seconds],
    );
  }
}
