import { type PgBossQueue, pgBossQueue } from '@verotrack/pg-boss';

const { DATABASE_URL, TAKE_OVER_AFTER_SECONDS = '60' } = process.env;

/** The queue that the shop fills and the workers empty: in the database that the orders are in. */
export function openQueue(): PgBossQueue {
  return pgBossQueue({
    connectionString: DATABASE_URL,
    takeOverAfterSeconds: Number(TAKE_OVER_AFTER_SECONDS),
  });
}
