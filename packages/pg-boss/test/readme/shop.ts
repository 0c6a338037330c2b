// #region example
import { createVero } from '@verotrack/core';
import { createOutbox, pgBossQueue } from '@verotrack/pg-boss';
import pg from 'pg';

const connectionString = process.env.DATABASE_URL;
const vero = createVero({ queue: pgBossQueue({ connectionString }) });
const outbox = createOutbox(vero);
const db = new pg.Pool({ connectionString });
db.on('error', console.error); // a connection that is lost while nobody uses it

vero.track('viewed_cart', { identity: { id: '42' } }); // soon in the queue, which workers empty

export async function placeOrder(userId: string, total: number): Promise<void> {
  const tx = await db.connect();
  try {
    await tx.query('BEGIN');
    await tx.query('INSERT INTO orders (user_id, total) VALUES ($1, $2)', [userId, total]);
    await outbox(tx).track('purchased', { identity: { id: userId }, data: { total } });
    await tx.query('COMMIT'); // the order and its event, or neither
  } catch (error) {
    await tx.query('ROLLBACK');
    throw error;
  } finally {
    tx.release();
  }
}
// #endregion

export async function close(): Promise<void> {
  await vero.close();
  await db.end();
}
