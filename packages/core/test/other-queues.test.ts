import { describe, expect, it, vi } from 'vitest';
import { type EventQueue, memoryQueue, type QueueRecord } from '../src/index.ts';
import { deferred, JANE, makeClient } from './clients.ts';
import { passTime } from './clock.ts';
import { fakeVero } from './fake-vero.ts';
import { describeQueue, recordOf } from './queue-contract.ts';

const event = { identity: JANE };
const METHODS = [
  'put',
  'take',
  'ack',
  'retry',
  'dead',
  'pauseUntil',
  'nextDueAt',
  'counts',
  'close',
] as const;

/** A queue that answers with promises, as those on disk or in a database do, and fails when told to. */
function slowQueue(
  inner: EventQueue = memoryQueue(),
): EventQueue & { fail: (method: string, times?: number) => void } {
  const failures = new Map<string, number>();
  const methods = METHODS.map((name) => [
    name,
    async (...args: never[]) => {
      await new Promise((resolve) => setImmediate(resolve));
      const left = failures.get(name) ?? 0;
      failures.set(name, left - 1);
      if (left > 0) throw new Error(`${name}: the disk is full`);
      return await (inner[name] as (...args: never[]) => unknown).apply(inner, args);
    },
  ]);
  return {
    ...(Object.fromEntries(methods) as unknown as EventQueue),
    deadLetters: inner.deadLetters,
    onAvailable: (listener) => inner.onAvailable?.(listener) ?? (() => {}),
    fail: (method, times = 1) => void failures.set(method, times),
  };
}

describeQueue('a queue that answers with promises', { makeQueue: () => slowQueue() });

describe('a queue that answers with promises', () => {
  it('is delivered from, and its bounds are told', async () => {
    const server = await fakeVero(({ body }) => (body.event_name === 'bad' ? 400 : 200));
    const { vero, told } = makeClient({
      baseUrl: server.url,
      queue: slowQueue(memoryQueue({ capacity: 3 })),
    });
    for (const name of ['a', 'bad', 'b', 'c']) vero.track(name, event);
    expect(await vero.flush()).toMatchObject({ delivered: 2, rejected: 1, dropped: 1, pending: 0 });
    expect(told.dropped).toMatchObject([{ reason: 'overflow' }]);
    expect(vero.deadLetters.list()).toHaveLength(1);
  });

  it('is asked for more whenever an attempt ends', async () => {
    const server = await fakeVero();
    const { vero } = makeClient({ baseUrl: server.url, queue: slowQueue(), delivery: { concurrency: 2 } });
    for (let n = 0; n < 25; n++) vero.track(`e${n}`, event);
    expect(await vero.flush()).toMatchObject({ delivered: 25 });
  });

  it('is delivered from only what is of the project, and what others put there counts as taken', async () => {
    const server = await fakeVero();
    const queue = memoryQueue();
    await queue.put([recordOf('mine'), recordOf('theirs', { project: 'other' })]);
    const { vero } = makeClient({ baseUrl: server.url, queue });
    vero.track('n', event);
    await server.received(2);
    await vero.flush();
    expect(vero.stats()).toMatchObject({ accepted: 1, taken: 1, delivered: 2 });
    expect(await queue.counts()).toMatchObject({ waiting: 1, taken: 0 });
    expect(server.requests.every(({ text }) => !text.includes('theirs'))).toBe(true);
  });

  it('serves several clients, each its own project', async () => {
    const server = await fakeVero();
    const queue = memoryQueue();
    const shop = makeClient({ baseUrl: server.url, queue, project: 'shop', authToken: 'tok_secret_shop' });
    const blog = makeClient({ baseUrl: server.url, queue, project: 'blog', authToken: 'tok_secret_blog' });
    shop.vero.track('shop', event);
    blog.vero.track('blog', event);
    await Promise.all([shop.vero.flush(), blog.vero.flush()]);
    for (const { body } of server.requests)
      expect(body.auth_token === `tok_secret_${body.event_name}`).toBe(true);
    expect(shop.vero.stats()).toMatchObject({ accepted: 1, taken: 0, delivered: 1 });
  });
});

describe('a queue that fails', () => {
  it.each([
    [
      'at once',
      () => {
        throw new Error('no');
      },
    ],
    [
      'later',
      async () => {
        throw new Error('no');
      },
    ],
  ])('to store (%s) drops the event as queue-failed, and track does not throw', async (_when, put) => {
    const queue = memoryQueue();
    queue.put = put;
    const { vero, told } = makeClient({ queue });
    vero.track('n', event);
    await vero.flush();
    expect(vero.stats()).toMatchObject({ accepted: 1, dropped: 1, pending: 0 });
    expect(told.dropped).toMatchObject([{ reason: 'queue-failed' }]);
    expect(told.error).toMatchObject([{ error: { code: 'VERO_QUEUE', message: 'The queue failed: no' } }]);
  });

  it.each(['take', 'nextDueAt'])('to %s is told, and asked again', async (method) => {
    const server = await fakeVero();
    const queue = slowQueue();
    queue.fail(method);
    const { vero, told } = makeClient({ baseUrl: server.url, queue });
    vero.track('n', event);
    expect(await vero.flush()).toMatchObject({ delivered: 1 });
    expect(told.error).toMatchObject([
      { error: { code: 'VERO_QUEUE', message: `The queue failed: ${method}: the disk is full` } },
    ]);
  });

  it('to give anything for a while is told once, and once more the next time', async () => {
    const server = await fakeVero();
    const queue = slowQueue();
    const { vero, told } = makeClient({ baseUrl: server.url, queue });
    for (const name of ['first', 'second']) {
      queue.fail('take', 2);
      vero.track(name, event);
      expect(await vero.flush()).toMatchObject({ delivered: 1 });
    }
    expect(told.error.map(({ error }) => error.message)).toEqual(
      Array.from({ length: 2 }, () => 'The queue failed: take: the disk is full'),
    );
  });

  it('to forget brings the event back when its lease is over', async () => {
    const server = await fakeVero();
    const queue = slowQueue();
    queue.fail('ack');
    const { vero, told, until } = makeClient({ baseUrl: server.url, queue });
    vero.track('n', event);
    await until('error');
    expect(vero.stats()).toMatchObject({ pending: 1, delivered: 0 });
    passTime(120_000);
    vero.track('other', event);
    expect(await vero.flush()).toMatchObject({ delivered: 2, pending: 0 });
    expect(server.names.toSorted()).toEqual(['n', 'n', 'other']);
    expect(told.error).toHaveLength(1);
    vi.restoreAllMocks();
  });
});

describe('a client that was closed while its queue answered', () => {
  it('delivers nothing that the queue gives then', async () => {
    const server = await fakeVero();
    const inner = memoryQueue();
    const asked = deferred();
    const gate = deferred();
    const queue = slowQueue(inner);
    queue.take = async (...args) => {
      const records: readonly QueueRecord[] = await inner.take(...args);
      asked.resolve();
      await gate.promise;
      return records;
    };
    const { vero } = makeClient({ baseUrl: server.url, queue });
    vero.track('n', event);
    await asked.promise;
    expect(await vero.close({ timeout: 0 })).toMatchObject({ dropped: 1, pending: 0 });
    gate.resolve();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(server.requests).toHaveLength(0);
    expect(vero.stats()).toMatchObject({ taken: 0, pending: 0 });
  });
});
