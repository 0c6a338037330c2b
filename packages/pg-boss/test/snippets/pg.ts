// #region example
import { createOutbox } from '@verotrack/pg-boss';
import pg from 'pg';
import type { Order, User } from './shop.ts';
import { vero } from './vero.ts';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const outbox = createOutbox(vero);

export async function placeOrder(order: Order, { id, email }: User): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('INSERT INTO orders (id, total) VALUES ($1, $2)', [order.id, order.total]);
    await outbox(client).track('purchased', { identity: { id, email }, data: { order_id: order.id } });
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}
// #endregion

export const close = (): Promise<void> => pool.end();
