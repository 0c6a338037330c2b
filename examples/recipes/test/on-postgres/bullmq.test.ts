import { createPostgresBackend, Queue, QueueEvents, setDefaultBackendFactory } from 'bullmq';
import { afterAll, expect, inject, test, vi } from 'vitest';
import type {} from '../../../../tools/postgres/vitest-setup.ts';
import { localVero } from '../../../test-helpers/local-vero.ts';
import type { Receipt } from '../../src/your-app.ts';

// BullMQ's queues are in Redis, or in Postgres, which we have: there they run here, unless there is a Redis.
const { REDIS_URL } = process.env;
if (!REDIS_URL) setDefaultBackendFactory(createPostgresBackend);
const connection = REDIS_URL
  ? { url: REDIS_URL }
  : { connectionString: inject('postgresUrl'), migrate: true };
vi.doMock('../../src/jobs/connection.ts', () => ({ connection }));
afterAll(() => setDefaultBackendFactory());

const vero = localVero();
const jane = { id: '42', email: 'jane@example.com' };

test('a worker of BullMQ tracks a job once, for the attempt that succeeded', async () => {
  const queue = new Queue<Receipt>('receipts', { connection });
  await queue.waitUntilReady();
  const { shutDown, worker } = await import('../../src/jobs/bullmq.ts');
  const events = new QueueEvents('receipts', { connection });
  await events.waitUntilReady();
  const add = (orderId: string) =>
    queue.add('send', { orderId, user: jane }, { attempts: 3, backoff: { type: 'fixed', delay: 10 } });
  const outcomes: string[] = [];
  worker.on('failed', (job) => outcomes.push(`${job?.data.orderId}: attempt ${job?.attemptsMade} failed`));

  const jobs = [await add('1'), await add('later-2'), await add('never-3')];
  const ends = await Promise.allSettled(jobs.map((job) => job.waitUntilFinished(events)));
  await shutDown();
  await events.close();
  await queue.obliterate({ force: true });
  await queue.close();

  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  expect(outcomes.toSorted()).toEqual([
    'later-2: attempt 1 failed',
    'never-3: attempt 1 failed',
    'never-3: attempt 2 failed',
    'never-3: attempt 3 failed',
  ]);
  const received = vero.inspector
    .events()
    .map(({ name, identity, data }) => `${name} of ${identity.id}: ${data?.order_id}`);
  expect(received.toSorted()).toEqual(['receipt_sent of 42: 1', 'receipt_sent of 42: later-2']);
});
