import { createVero } from '@verotrack/core';
import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOutbox, pgBossQueue, type Transaction } from '../../src/index.ts';
import { aSchema, postgresUrl } from '../servers.ts';
import { Committed } from './stored-events.ts';

const authToken = 'tok_secret_outbox';
const event = { identity: { id: '42' }, data: { order: '7' } };
const schema = aSchema();
const committed = new Committed(postgresUrl(), schema);
const pool = new pg.Pool({ connectionString: postgresUrl() });

const aClient = () =>
  createVero({
    authToken,
    queue: pgBossQueue({ connectionString: postgresUrl(), schema }),
    logger: () => {},
  });
const vero = aClient();

beforeAll(() => committed.begin());

afterAll(async () => {
  await vero.close();
  await committed.close();
  await pool.end();
});

describe('The outbox', () => {
  it('takes whatever runs SQL in a transaction', async () => {
    const client = await pool.connect();
    await client.query('BEGIN');
    const executeSql = (text: string, values?: unknown[]) => client.query(text, values);
    await createOutbox(vero)({ executeSql }).track('purchased', event);
    await client.query('COMMIT');
    client.release();
    expect(await committed.eventsOf('7')).toHaveLength(1);
  });

  it('refuses a client of pg that has begun no transaction', async () => {
    const client = await pool.connect();
    const outbox = createOutbox(vero);
    await expect(outbox(client).track('purchased', event)).rejects.toMatchObject({
      code: 'VERO_CONFIG',
      message: expect.stringContaining('a client of pg that has not begun one'),
    });
    await client.query('BEGIN');
    await client.query('COMMIT');
    await expect(outbox(client).track('purchased', event)).rejects.toMatchObject({ code: 'VERO_CONFIG' });
    client.release();
  });

  it('asks for the `sql` of Drizzle where it is missing', async () => {
    await drizzle(pool).transaction(async (tx) => {
      await expect(createOutbox(vero)(tx).track('purchased', event)).rejects.toMatchObject({
        code: 'VERO_CONFIG',
        message: expect.stringContaining('option "sql" is missing'),
      });
    });
  });

  it.each([undefined, null, 'BEGIN', {}, [], () => {}])('refuses %j as a transaction', async (given) => {
    const stored = createOutbox(vero)(given as unknown as Transaction).track('purchased', event);
    await expect(stored).rejects.toMatchObject({
      code: 'VERO_CONFIG',
      message: expect.stringContaining('must be a transaction of pg, Knex, Kysely, Prisma or Drizzle'),
    });
  });

  it('is for clients whose queue is in Postgres', async () => {
    const inMemory = createVero({ authToken });
    expect(() => createOutbox(inMemory)).toThrow('its client must have a queue that pgBossQueue made');
    expect(() => createOutbox({} as typeof inMemory)).toThrow(
      expect.objectContaining({ code: 'VERO_CONFIG' }),
    );
    expect(() => createOutbox(vero, { sql: 'sql' as never })).toThrow('option "sql" must be a function');
    await inMemory.close();
  });

  it.each([true, false])('stores nothing once its client is closed, used before: %s', async (isUsed) => {
    const closed = aClient();
    const outbox = createOutbox(closed);
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      if (isUsed) await outbox(client).track('before', event);
      await closed.close();
      await expect(outbox(client).track('after', event)).rejects.toMatchObject({ code: 'VERO_QUEUE' });
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  });

  it('rejects when the queue can’t be opened, and leaves the transaction as it was', async () => {
    const away = new URL(postgresUrl());
    away.port = '1';
    const queue = pgBossQueue({ connectionString: away.href, schema });
    const unconnected = createVero({ authToken, queue, logger: () => {} });
    const client = await pool.connect();
    await client.query('BEGIN');
    await expect(createOutbox(unconnected)(client).track('purchased', event)).rejects.toThrow('ECONNREFUSED');
    await createOutbox(vero)(client).track('stored', event);
    await client.query('ROLLBACK');
    client.release();
    await unconnected.close();
  });

  it('needs few rights of the role that the transaction has', async () => {
    const role = aSchema();
    const client = await pool.connect();
    await client.query(`CREATE ROLE ${role}`);
    await client.query(`GRANT USAGE ON SCHEMA ${schema} TO ${role}`);
    await client.query(`GRANT SELECT ON ${schema}.queue TO ${role}`);
    await client.query(`GRANT INSERT ON ${schema}.job_common TO ${role}`);
    try {
      await client.query('BEGIN');
      await client.query(`SET LOCAL ROLE ${role}`);
      await createOutbox(vero)(client).track('of few rights', { ...event, data: { order: role } });
      await client.query('COMMIT');
    } finally {
      await client.query('ROLLBACK');
      await client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
      client.release();
    }
    expect(await committed.eventsOf(role)).toHaveLength(1);
  });
});

it('An outbox whose queue was removed makes it again', async () => {
  const own = { connectionString: postgresUrl(), schema: aSchema() };
  // It looks that often which queues there are.
  const boss = new PgBoss({ ...own, supervise: false, queueCacheIntervalSeconds: 1 });
  await boss.start();
  const queue = pgBossQueue({ boss, schema: own.schema });
  const client = createVero({ authToken, queue, logger: () => {} });
  const outbox = createOutbox(client);
  const order = async (): Promise<boolean> => {
    const db = await pool.connect();
    try {
      await db.query('BEGIN');
      await outbox(db).track('purchased', event);
      await db.query('COMMIT');
      return true;
    } catch {
      await db.query('ROLLBACK');
      return false;
    } finally {
      db.release();
    }
  };
  expect(await order()).toBe(true);
  await boss.deleteQueue('verotrack.default');
  await expect.poll(order).toBe(true);
  expect(await queue.counts()).toEqual({ waiting: 1, taken: 0, deadLetters: 0 });
  await client.close();
  await boss.stop({ graceful: false });
});
