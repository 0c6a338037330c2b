// A shop that is made to be killed: some of its events are part of the transaction that makes the order.
import { createVero } from '@verotrack/core';
import pg from 'pg';
import { createOutbox, pgBossQueue } from '../../src/index.ts';
import {
  type Batch,
  type Command,
  endWithStarter,
  leave,
  SCHEMA,
  TAKE_OVER_AFTER_SECONDS,
  tell,
} from './messages.ts';

const { POSTGRES_URL = '', VERO_URL = '' } = process.env;
/** Orders of one transaction. */
const IN_ONE_TRANSACTION = 5;
/** Each so many transactions, one is rolled back. */
const ROLLED_BACK_EACH = 8;

const vero = createVero({
  authToken: 'tok_secret_of_a_producer',
  baseUrl: VERO_URL,
  queue: pgBossQueue({
    connectionString: POSTGRES_URL,
    schema: SCHEMA,
    takeOverAfterSeconds: TAKE_OVER_AFTER_SECONDS,
  }),
});
const outbox = createOutbox(vero);
vero.on('error', ({ error }) => tell({ kind: 'problem', message: error.message }));
vero.on('dropped', ({ reason }) => tell({ kind: 'problem', message: `dropped: ${reason}` }));
vero.on('invalid', ({ error }) => tell({ kind: 'problem', message: `invalid: ${error.message}` }));

const pool = new pg.Pool({ connectionString: POSTGRES_URL, max: 1 });
// Whoever uses the connection meets the same.
pool.on('error', () => {});

process.on('message', async (command: Command) => {
  if (command.kind === 'close') return await close();
  const { batch } = command;
  // From when this is written, each of these orders counts as accepted.
  const orders = await (batch.by === 'client' ? byClient(batch) : byOutbox(batch));
  tell({ kind: 'accepted', orders });
});
endWithStarter();
tell({ kind: 'ready' });

const eventOf = (order: number) => ({
  eventId: `order-${order}`,
  identity: { id: String(order % 100) },
  data: { order },
});

async function byClient(batch: Batch): Promise<number[]> {
  const orders = numbersOf(batch);
  for (const order of orders) vero.track('order_placed', eventOf(order));
  // As long as Postgres is away.
  while ((await vero.flush()).pending > 0);
  return vero.stats().dropped === 0 ? orders : [];
}

async function byOutbox(batch: Batch): Promise<number[]> {
  const accepted: number[] = [];
  const orders = numbersOf(batch);
  for (let i = 0; i < orders.length; i += IN_ONE_TRANSACTION) {
    const own = orders.slice(i, i + IN_ONE_TRANSACTION);
    try {
      const end = (i / IN_ONE_TRANSACTION) % ROLLED_BACK_EACH === 0 ? 'ROLLBACK' : 'COMMIT';
      await placeOrders(own, end);
      if (end === 'COMMIT') accepted.push(...own);
    } catch {
      // Postgres was stopped: whether they were committed nobody knows here, but the table of orders does.
    }
  }
  return accepted;
}

async function placeOrders(orders: readonly number[], end: 'COMMIT' | 'ROLLBACK'): Promise<void> {
  const client = await pool.connect();
  const meets = (): void => {};
  client.on('error', meets);
  try {
    await client.query('BEGIN');
    for (const order of orders) {
      await client.query('INSERT INTO orders (id) VALUES ($1)', [order]);
      await outbox(client).track('order_placed', eventOf(order));
    }
    await client.query(end);
    client.release();
  } catch (thrown) {
    client.release(true);
    throw thrown;
  } finally {
    client.off('error', meets);
  }
}

function numbersOf({ from, to }: Batch): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

async function close(): Promise<void> {
  await vero.close();
  await pool.end();
  tell({ kind: 'closed', stats: vero.stats() });
  leave();
}
