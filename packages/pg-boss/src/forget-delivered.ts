import type { Connection } from './connection.ts';

/** For so long it is known what was delivered, so that nothing is stored twice whose storing was not answered. */
const REMEMBERED_SECONDS = 600;
const BATCH = 5_000;

/**
 * Forgets what was delivered long enough ago. pg-boss's own sweep would read all that waits as often as it looks: with
 * millions of events, that is dear. Here an index says which these are.
 */
export async function forgetDelivered(
  connection: Connection,
  schema: string,
  project: string,
): Promise<void> {
  const boss = await connection.bossFor(project);
  const name = connection.names.events(project);
  let forgotten: number;
  do {
    forgotten = await connection.transaction(boss, async (db) => {
      // What another worker is about to forget is left to it.
      const { rows } = await db.executeSql(
        `SELECT id FROM ${schema}.job
         WHERE name = $1 AND completed_on < ${schema}.job_now() - $2::int * interval '1 second'
           AND state IN ('completed', 'cancelled')
         ORDER BY completed_on LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`,
        [name, REMEMBERED_SECONDS],
      );
      const ids = (rows as { id: string }[]).map(({ id }) => id);
      if (ids.length > 0) await boss.deleteJob(name, ids, { db });
      return ids.length;
    });
  } while (forgotten === BATCH && !connection.isClosed);
}
