// #region example
import { createOutbox } from '@verotrack/pg-boss';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Order, User } from './shop.ts';
import { vero } from './vero.ts';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const db = new Kysely<{ orders: Order }>({ dialect: new PostgresDialect({ pool }) });
const outbox = createOutbox(vero);

export async function placeOrder(order: Order, { id, email }: User): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx.insertInto('orders').values(order).execute();
    await outbox(trx).track('purchased', { identity: { id, email }, data: { order_id: order.id } });
  });
}
// #endregion

export const close = (): Promise<void> => db.destroy();
