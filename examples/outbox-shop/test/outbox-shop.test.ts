import { createServer } from 'node:http';
import { createVero } from '@verotrack/core';
import { events, identity, listen, type Shop, type ShopVero } from '@verotrack/example-shop';
import { type Inspector, startInspector } from '@verotrack/inspector';
import { createVeroWorker, pgBossQueue } from '@verotrack/pg-boss';
import { startPostgres, type TestPostgres } from '@verotrack/test-postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '../src/app.ts';
import { createTables, type Database, openDatabase } from '../src/database.ts';

const authToken = 'tok_secret_of_the_outbox_shop';
const jane = { id: 'jane', email: 'jane@example.com', plan: 'free' };

let postgres: TestPostgres;
let inspector: Inspector;
let vero: ShopVero;
let db: Database;
let shop: Shop;

beforeAll(async () => {
  postgres = await startPostgres();
  inspector = await startInspector({ port: 0 });
  vero = createVero({ authToken, events, identity, queue: aQueue() });
  db = openDatabase(postgres.url);
  await createTables(db);
  shop = await listen(createServer(createApp(vero, db)), 0);
});

beforeEach(async () => {
  inspector.clear();
  await db.deleteFrom('orders').execute();
  await db.updateTable('products').set({ stock: 3 }).execute();
});

afterEach(() => vero.flush());

afterAll(async () => {
  await shop.close();
  await vero.close();
  await db.destroy();
  await inspector.close();
  await postgres.stop();
});

describe('the shop with the outbox', () => {
  it('stores an order with its event, which the worker delivers', async () => {
    const answer = await order({ productId: 'shoes', items: 2 });
    expect(answer.status).toBe(201);
    const { id } = (await answer.json()) as { id: string };

    expect(await delivered(1)).toEqual([
      { name: 'purchased', identity: jane, data: { order_id: id, items: 2, total: 118 } },
    ]);
    expect(await orders()).toEqual([{ id, user_id: 'jane', product_id: 'shoes', items: 2, total: 118 }]);
    expect(await stockOf('shoes')).toBe(1);
  });

  it.each([
    { wish: { productId: 'shoes', items: 4 }, status: 409, why: 'there are not so many' },
    { wish: { productId: 'moon' }, status: 404, why: 'there is no such product' },
    { wish: { productId: 'shoes', items: 0 }, status: 400, why: 'nothing was ordered' },
  ])('stores neither an order nor an event when $why', async ({ wish, status }) => {
    expect((await order(wish)).status).toBe(status);
    await expectNothing();
  });

  it('stores neither for a visitor who is not logged in', async () => {
    expect((await order({ productId: 'shoes' }, {})).status).toBe(401);
    await expectNothing();
  });

  it('tracks what a visitor has seen when that was answered, by the same queue', async () => {
    await db.updateTable('products').set({ stock: 0 }).where('id', '<>', 'hat').execute();
    const answer = await fetch(`${shop.url}/recommendations`, { headers: { 'x-user': 'jane' } });
    expect(await answer.json()).toEqual([{ id: 'hat', name: 'Straw hat' }]);
    expect(await delivered(1)).toMatchObject([{ name: 'viewed_recommendations', identity: jane }]);
  });
});

const aQueue = () => pgBossQueue({ connectionString: postgres.url });

const order = (wish: object, user: Record<string, string> = { 'x-user': 'jane' }) =>
  fetch(`${shop.url}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...user },
    body: JSON.stringify(wish),
  });

const orders = () => db.selectFrom('orders').selectAll().execute();

async function stockOf(id: string): Promise<number | undefined> {
  const row = await db.selectFrom('products').select('stock').where('id', '=', id).executeTakeFirst();
  return row?.stock;
}

/** What Vero has once a worker has found nothing more to deliver. */
async function delivered(count: number): Promise<readonly unknown[]> {
  await vero.flush();
  const worker = createVeroWorker({ authToken, baseUrl: inspector.url, queue: aQueue() });
  await expect.poll(() => worker.stats()).toMatchObject({ delivered: count, pending: 0 });
  await worker.close();
  return inspector.events().map(({ name, identity, data }) => ({ name, identity, data }));
}

async function expectNothing(): Promise<void> {
  expect(await orders()).toEqual([]);
  expect(await stockOf('shoes')).toBe(3);
  const queue = aQueue();
  expect(await queue.counts()).toMatchObject({ waiting: 0, deadLetters: 0 });
  await queue.close();
}
