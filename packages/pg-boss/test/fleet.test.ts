import { createVero, type Vero } from '@verotrack/core';
import { type Inspector, startInspector } from '@verotrack/inspector';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createOutbox, createVeroWorker, type PgBossQueueOptions, pgBossQueue } from '../src/index.ts';
import { aSchema, postgresUrl } from './servers.ts';

const authToken = 'tok_secret_fleet';
let vero: Inspector;
let schema: string;
const running: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
  vero = await startInspector({ port: 0 });
  schema = aSchema();
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.close()));
});

afterAll(async () => {
  await vero.close();
});

const aQueue = (options: PgBossQueueOptions = {}) =>
  pgBossQueue({ connectionString: postgresUrl(), schema, ...options });

function aProducer(options: PgBossQueueOptions = {}): Vero {
  const client = createVero({ authToken, baseUrl: vero.url, queue: aQueue(options) });
  running.push(client);
  return client;
}

function aWorker(options: PgBossQueueOptions = {}) {
  const worker = createVeroWorker({ authToken, baseUrl: vero.url, queue: aQueue(options) });
  running.push(worker);
  return worker;
}

const identity = { id: '42', email: 'jane@example.com' };

describe('A fleet', () => {
  it('stores what a client tracks, and delivers it from a worker', async () => {
    const client = aProducer();
    client.track('order_placed', { identity, data: { order: 7 } });
    const stored = await client.flush();
    expect(stored).toMatchObject({ handedOver: 1, delivered: 0, pending: 0, dropped: 0 });
    const worker = aWorker();
    const event = await vero.waitForEvent('order_placed');
    expect(event.data).toEqual({ order: 7 });
    await expect.poll(() => worker.stats()).toMatchObject({ taken: 1, delivered: 1, pending: 0 });
    expect(client.stats()).toMatchObject({ accepted: 1, handedOver: 1, delivered: 0 });
  });

  it('makes an event part of a transaction', async () => {
    const client = aProducer();
    const outbox = createOutbox(client);
    const db = new pg.Client({ connectionString: postgresUrl() });
    await db.connect();
    running.push({ close: () => db.end() });
    await db.query('BEGIN');
    await outbox(db).track('rolled_back', { identity });
    await db.query('ROLLBACK');
    await db.query('BEGIN');
    await client.run({ identity }, () => outbox(db).track('committed'));
    await db.query('COMMIT');
    aWorker();
    await vero.waitForEvent('committed');
    expect(vero.events().map(({ name }) => name)).not.toContain('rolled_back');
  });
});
