import { kyTransport } from '@verotrack/core';
import { createWorker, type EventQueue, type QueueRecord } from '@verotrack/core/queue';
import { PgBoss } from 'pg-boss';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { authToken, identity, LocalFleet } from './local-fleet.ts';

let fleet: LocalFleet;
let boss: PgBoss;

beforeEach(async () => {
  fleet = await LocalFleet.open();
  // The schema and the queues are made by whoever tracks first.
  await fleet.store(1);
  boss = new PgBoss({ connectionString: fleet.url, schema: fleet.schema, supervise: false, schedule: false });
  await boss.start();
});

afterEach(async () => {
  await boss.stop({ graceful: false });
  await fleet.close();
});

/** What a release to come may put into a job: it has the payload as JSON, and no body. */
function jobOfVersion2(n: number): { id: string; data: object } {
  const id = `0199a000-0000-7000-8000-${String(n).padStart(12, '0')}`;
  const payload = { event_name: 'order_placed', identity, data: { n } };
  return { id, data: { v: 2, id, type: 'track', payload, acceptedAt: Date.now() } };
}

/** A queue of a release to come, which reads both. */
function readingBoth(queue: EventQueue): EventQueue {
  const today = (record: QueueRecord): QueueRecord => {
    if (record.v === 1) return record;
    const { id, payload, acceptedAt } = record as unknown as {
      id: string;
      payload: { event_name: string };
      acceptedAt: number;
    };
    const body = JSON.stringify(payload);
    const name = payload.event_name;
    return { v: 1, id, kind: 'track', project: 'default', name, acceptedAt, attempts: 0, notBefore: 0, body };
  };
  return {
    isDurable: true,
    handsOver: true,
    deadLetters: queue.deadLetters,
    put: (records) => queue.put(records),
    take: async (n, leaseMs, project) => (await queue.take(n, leaseMs, project)).map(today),
    ack: (ids) => queue.ack(ids),
    retry: (id, notBefore, countsAttempt) => queue.retry(id, notBefore, countsAttempt),
    dead: (id, reason) => queue.dead(id, reason),
    pauseUntil: (time, project) => queue.pauseUntil(time, project),
    nextDueAt: (project) => queue.nextDueAt(project),
    counts: () => queue.counts(),
    onProblem: (listener) => queue.onProblem?.(listener) ?? (() => {}),
    close: () => queue.close(),
  };
}

it('Two formats of jobs side by side, and workers of two releases: each takes what it knows, and none is lost', async () => {
  const { arrivals } = fleet.vero;
  const queueName = 'verotrack.default';
  const future = Array.from({ length: 10 }, (_, n) => jobOfVersion2(n));
  await boss.insert(queueName, future);
  const errors: string[] = [];
  const today = fleet.worker();
  today.on('error', ({ error }) => errors.push(error.message));
  await expect.poll(() => errors.length).toBe(future.length);
  expect(new Set(errors)).toEqual(
    new Set([
      'The queue holds a record of version 2 and kind "undefined", which this version can\'t read: it waits for one that can.',
    ]),
  );
  await fleet.store(9);
  await expect.poll(() => today.stats()).toMatchObject({ delivered: 10, rejected: 0, dropped: 0 });
  await expect.poll(() => fleet.counts()).toEqual({ waiting: future.length, taken: 0, deadLetters: 0 });
  // They are as they were.
  const waiting = await boss.findJobs(queueName, { queued: true });
  expect(waiting.map(({ data }) => data)).toEqual(expect.arrayContaining(future.map(({ data }) => data)));

  // The deployment goes on; old jobs are still put, and both releases deliver.
  const next = createWorker({
    authToken,
    baseUrl: fleet.vero.url,
    queue: readingBoth(fleet.queue()),
    transport: kyTransport({ ky: { headers: { 'x-worker': 'of the next release' } } }),
  });
  // Some minutes pass, after which they are looked at again.
  for (const { id } of future) await boss.update(queueName, undefined, { id, startAfter: new Date() });
  await fleet.store(10);
  await today.close();
  await expect.poll(() => arrivals.length).toBe(1 + 9 + 10 + future.length);
  await expect.poll(() => fleet.counts()).toEqual({ waiting: 0, taken: 0, deadLetters: 0 });
  await next.close();
});
