import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { createVero } from '@verotrack/core';
import { startPostgres, type TestPostgres } from '@verotrack/test-postgres';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createVeroWorker, type PgBossQueue, pgBossQueue } from '../../src/index.ts';

const EVENTS = 20;
/** Less than this, and pg-boss takes no worker for dead. */
const HEARTBEAT_MS = 10_000;
const authToken = 'tok_secret_of_an_outage';

let postgres: TestPostgres;
let vero: Server;
let requests: ServerResponse[];

beforeEach(async () => {
  postgres = await startPostgres({ own: true });
  requests = [];
  vero = createServer((req, res) => {
    req.resume().on('end', () => void requests.push(res));
  });
  await new Promise<void>((resolve) => void vero.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  vero.closeAllConnections();
  vero.close();
  await postgres.stop();
});

const aQueue = (): PgBossQueue =>
  pgBossQueue({ connectionString: postgres.url, takeOverAfterSeconds: 2 * (HEARTBEAT_MS / 1_000) });

it('What was in flight when Postgres went away is not sent again, however long it is away', {
  timeout: 120_000,
}, async () => {
  const baseUrl = `http://127.0.0.1:${(vero.address() as AddressInfo).port}`;
  const logger = (): void => {};
  const client = createVero({ authToken, baseUrl, queue: aQueue(), logger });
  for (let order = 0; order < EVENTS; order++) {
    client.track('order_placed', { identity: { id: '42' }, data: { order } });
  }
  expect(await client.flush()).toMatchObject({ handedOver: EVENTS, pending: 0 });
  // Each looks after the queues at moments of its own.
  const workers: ReturnType<typeof createVeroWorker>[] = [];
  for (let i = 0; i < 8; i++) {
    const delivery = { timeoutMs: 30_000 };
    workers.push(createVeroWorker({ authToken, baseUrl, queue: aQueue(), logger, delivery }));
    await wait(220);
  }
  await expect.poll(() => requests.length).toBe(EVENTS);
  await postgres.halt();
  for (const response of requests) response.writeHead(200).end();
  // Nobody has been heard of for longer than that when it is back.
  await wait(1.2 * HEARTBEAT_MS);
  await postgres.start();
  const queue = aQueue();
  await expect.poll(() => queue.counts()).toEqual({ waiting: 0, taken: 0, deadLetters: 0 });
  await queue.close();
  for (const each of [client, ...workers]) await each.close();
  expect(requests).toHaveLength(EVENTS);
  const delivered = workers.reduce((sum, worker) => sum + worker.stats().delivered, 0);
  expect(delivered).toBe(EVENTS);
});
