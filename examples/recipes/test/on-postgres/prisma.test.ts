import { buildTrackPayload, type Vero } from '@verotrack/core';
import { createVeroWorker, pgBossQueue } from '@verotrack/pg-boss';
import { Prisma } from '@verotrack/test-prisma';
import type { Express } from 'express';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { anotherDatabase } from '../../../../packages/pg-boss/test/servers.ts';
import { listen } from '../../../test-helpers/listen.ts';
import { localVero } from '../../../test-helpers/local-vero.ts';

const vero = localVero();
let database: Awaited<ReturnType<typeof anotherDatabase>>;
let tables: pg.Client;

beforeAll(async () => {
  database = await anotherDatabase();
  vi.stubEnv('DATABASE_URL', database.url);
  tables = new pg.Client({ connectionString: database.url });
  await tables.connect();
  await tables.query(`
    CREATE TABLE users (id text PRIMARY KEY, email text NOT NULL, password_hash text NOT NULL,
      plan text NOT NULL CHECK (plan IN ('trial', 'pro')));
    CREATE TABLE orders (id text PRIMARY KEY, total integer NOT NULL CHECK (total > 0));
  `);
});
beforeEach(async () => {
  await tables.query(`
    TRUNCATE users, orders;
    INSERT INTO users VALUES ('42', 'jane@example.com', 'not for anybody', 'trial');
  `);
});
afterAll(async () => {
  const { db } = await import('../../src/prisma/database.ts');
  await db.$disconnect();
  await tables.end();
  await database.drop();
});

const received = () => vero.inspector.events().map(({ name, identity, data }) => ({ name, identity, data }));

async function post(app: Express, path: string, body: object): Promise<number> {
  const headers = { authorization: '42', 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(body) };
  return (await fetch((await listen(app.set('env', 'test'))) + path, init)).status;
}

describe('an application with Prisma that tracks on success', () => {
  let application: { readonly app: Express; readonly vero: Vero };
  beforeAll(async () => {
    application = await import('../../src/prisma/on-success.ts');
  });
  afterAll(() => application.vero.close());

  test('tracks the order that was committed and answered, with the named columns of the user', async () => {
    expect(await post(application.app, '/orders', { id: '1', total: 59 })).toBe(201);
    await vero.inspector.waitForEvent('purchased');
    const identity = { id: '42', email: 'jane@example.com', plan: 'trial' };
    expect(received()).toEqual([{ name: 'purchased', identity, data: { order_id: '1', total: 59 } }]);
  });

  test('tracks nothing of a transaction that was rolled back', async () => {
    expect(await post(application.app, '/orders', { id: '2', total: 0 })).toBe(500);
    await application.vero.flush();
    expect(received()).toEqual([]);
  });
});

describe('an application with Prisma and the outbox', () => {
  let application: { readonly app: Express; readonly vero: Vero };
  beforeAll(async () => {
    application = await import('../../src/prisma/outbox.ts');
  });
  afterAll(() => application.vero.close());

  /** What Vero has when a worker has found nothing more. */
  async function delivered(count: number) {
    const worker = createVeroWorker({ queue: pgBossQueue({ connectionString: database.url }) });
    await expect.poll(() => worker.stats()).toMatchObject({ delivered: count, pending: 0 });
    await worker.close();
    return received();
  }

  test('has the event in the transaction of the change, with the user as the row is now', async () => {
    expect(await post(application.app, '/plan', { plan: 'pro' })).toBe(204);
    const identity = { id: '42', email: 'jane@example.com', plan: 'pro' };
    const event = { name: 'changed_plan', identity, data: { from: 'trial', to: 'pro' } };
    expect(await delivered(1)).toEqual([event]);
  });

  test('has neither the change nor an event when the transaction is rolled back', async () => {
    expect(await post(application.app, '/plan', { plan: 'no such plan' })).toBe(500);
    expect(await post(application.app, '/plan', { plan: 'pro' })).toBe(204);
    expect((await delivered(1)).map(({ data }) => data)).toEqual([{ from: 'trial', to: 'pro' }]);
  });
});

test('what Prisma gives for columns becomes JSON, or is refused', () => {
  const identity = { id: 42n };
  const data = { total: new Prisma.Decimal('59.90'), at: new Date(0) };
  const authToken = 'tok_secret_of_columns';
  expect(buildTrackPayload({ name: 'purchased', identity, data }, { authToken })).toMatchObject({
    identity: { id: '42' },
    data: { total: '59.9', at: '1970-01-01T00:00:00.000Z' },
  });
  const counted = { name: 'purchased', identity, data: { count: 1n } };
  expect(() => buildTrackPayload(counted, { authToken })).toThrow('data.count');
});
