import { type Inspector, startInspector } from '@verotrack/inspector';
import pg from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ordersTable } from '../outbox/libraries.ts';
import { anotherDatabase } from '../servers.ts';

const jane = { id: '42', email: 'jane@example.com', passwordHash: 'tok_secret_hash' };

let database: Awaited<ReturnType<typeof anotherDatabase>>;
let inspector: Inspector;
let shop: pg.Client;

beforeAll(async () => {
  database = await anotherDatabase();
  inspector = await startInspector({ port: 0 });
  vi.stubEnv('DATABASE_URL', database.url);
  vi.stubEnv('VERO_AUTH_TOKEN', 'tok_secret_snippets');
  vi.stubEnv('VERO_BASE_URL', inspector.url);
  shop = new pg.Client({ connectionString: database.url });
  await shop.connect();
  await shop.query(ordersTable);
});

afterAll(async () => {
  await shop.end();
  await inspector.close();
  await database.drop();
});

it('the orders of the documentation have their events, and what is no order has none', async () => {
  const examples = {
    pg: await import('./pg.ts'),
    knex: await import('./knex.ts'),
    kysely: await import('./kysely.ts'),
    drizzle: await import('./drizzle.ts'),
    prisma: await import('./prisma.ts'),
  };
  for (const [id, { placeOrder, close }] of Object.entries(examples)) {
    await placeOrder({ id, total: 59 }, jane);
    await expect(placeOrder({ id, total: 59 }, jane)).rejects.toThrow();
    await expect(placeOrder({ id: `${id} for nothing`, total: 0 }, jane)).rejects.toThrow();
    await close();
  }
  const { vero } = await import('./vero.ts');
  await vero.close();
  const { worker } = await import('./worker.ts');
  await expect.poll(() => worker.stats().delivered).toBe(Object.keys(examples).length);
  await worker.close();

  const { rows } = await shop.query('SELECT id FROM orders');
  expect(rows.map(({ id }) => id)).toEqual(Object.keys(examples));
  const events = inspector.events().map(({ name, identity, data }) => ({ name, identity, data }));
  expect(events.toSorted((a, b) => String(a.data?.order_id).localeCompare(String(b.data?.order_id)))).toEqual(
    Object.keys(examples)
      .toSorted()
      .map((id) => ({
        name: 'purchased',
        identity: { id: '42', email: 'jane@example.com' },
        data: { order_id: id },
      })),
  );
});
