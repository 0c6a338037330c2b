import { createVero } from '@verotrack/core';
import type { PgBossQueue } from '../src/index.ts';
import type { Server } from './server.ts';

/**
 * Stores copies of an event that the queue itself has stored, oldest first, as if 10,000 had come in a second.
 *
 * @param due - when event `i` is due, in SQL, `at` being when it came
 */
export async function fill(
  server: Server,
  schema: string,
  [from, to]: readonly [number, number],
  due = 'at',
): Promise<void> {
  const { copied } = await server.one<{ copied: string }>(
    `SELECT string_agg(quote_ident(column_name), ', ') AS copied FROM information_schema.columns
     WHERE table_schema = $1 AND table_name = 'first' AND column_name NOT IN ('id', 'data', 'created_on', 'start_after')`,
    [schema],
  );
  await server.db.query(
    `INSERT INTO ${schema}.job (id, data, created_on, start_after, ${copied})
     SELECT id, data || jsonb_build_object('id', id), at, ${due}, ${copied} FROM (
       SELECT ${copied}, data, i, uuidv7() AS id, created_on - interval '1 hour' + i * interval '100 microseconds' AS at
       FROM ${schema}.first, generate_series(${from}::bigint, ${to - 1}::bigint) AS i
     ) AS copies`,
  );
  await server.db.query(`VACUUM (ANALYZE) ${schema}.job`);
}

/** Has the queue store an event, and keeps it aside for `fill`. */
export async function storeFirst(server: Server, schema: string, queue: PgBossQueue): Promise<void> {
  const client = createVero({ authToken: 'tok_secret_bench', queue });
  client.track('add_to_cart', {
    identity: { id: '42', email: 'jane@example.com' },
    data: { item_name: 'Blue shoes', item_price: 40 },
  });
  await client.flush();
  await server.db.query(`CREATE TABLE ${schema}.first AS SELECT * FROM ${schema}.job`);
  await server.db.query(`DELETE FROM ${schema}.job`);
}
