// #region example
import { createOutbox } from '@verotrack/pg-boss';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { integer, pgTable, text } from 'drizzle-orm/pg-core';
import pg from 'pg';
import type { Order, User } from './shop.ts';
import { vero } from './vero.ts';

const orders = pgTable('orders', { id: text().primaryKey(), total: integer().notNull() });
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const db = drizzle(pool);
const outbox = createOutbox(vero, { sql }); // Drizzle's transactions take nothing else

export async function placeOrder(order: Order, { id, email }: User): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.insert(orders).values(order);
    await outbox(tx).track('purchased', { identity: { id, email }, data: { order_id: order.id } });
  });
}
// #endregion

export const close = (): Promise<void> => pool.end();
