// #region example
import { createOutbox } from '@verotrack/pg-boss';
import knex from 'knex';
import type { Order, User } from './shop.ts';
import { vero } from './vero.ts';

const db = knex({ client: 'pg', connection: process.env.DATABASE_URL ?? '' });
const outbox = createOutbox(vero);

export async function placeOrder(order: Order, { id, email }: User): Promise<void> {
  await db.transaction(async (trx) => {
    await trx('orders').insert(order);
    await outbox(trx).track('purchased', { identity: { id, email }, data: { order_id: order.id } });
  });
}
// #endregion

export const close = (): Promise<void> => db.destroy();
