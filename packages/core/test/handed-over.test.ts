import { afterEach, describe, expect, it } from 'vitest';
import { type EventQueue, memoryQueue, type QueueRecord } from '../src/index.ts';
import { createWorker, queueOf, recordNow, type VeroWorker } from '../src/queue.ts';
import { deferred, JANE, makeClient, TOKEN } from './clients.ts';
import { fakeVero } from './fake-vero.ts';

const event = { identity: JANE };
const workers: VeroWorker[] = [];

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.close({ timeout: 0 })));
});

interface SharedQueue extends EventQueue {
  /** What `put` waits for, or fails with. */
  storing: Promise<unknown>;
}

/** A queue of which others deliver: somewhere else, so that storing takes its time. */
function sharedQueue(): SharedQueue {
  const inner = memoryQueue();
  const queue: SharedQueue = Object.assign(Object.create(inner) as SharedQueue, {
    isDurable: true,
    handsOver: true,
    storing: Promise.resolve(),
    put: async (records: readonly QueueRecord[]) => {
      await queue.storing;
      return await inner.put(records);
    },
  });
  for (const name of ['take', 'ack', 'retry', 'dead', 'nextDueAt', 'counts', 'onAvailable'] as const) {
    Object.assign(queue, { [name]: (inner[name] as (...args: never[]) => unknown).bind(inner) });
  }
  return Object.assign(queue, { pauseUntil: () => {}, close: () => {}, deadLetters: inner.deadLetters });
}

function makeWorker(queue: EventQueue, baseUrl: string): VeroWorker {
  const worker = createWorker({ queue, baseUrl, authToken: TOKEN });
  workers.push(worker);
  return worker;
}

describe('A client of a queue from which others deliver', () => {
  it('hands an event over as soon as the queue has it, and delivers none', async () => {
    const server = await fakeVero();
    const queue = sharedQueue();
    const { vero } = makeClient({ baseUrl: server.url, queue });
    vero.track('n', event);
    expect(vero.stats()).toMatchObject({ accepted: 1, handedOver: 0, pending: 1 });
    expect(await vero.flush()).toMatchObject({ handedOver: 1, delivered: 0, pending: 0 });
    await vero.close();
    expect(await queue.counts()).toMatchObject({ waiting: 1, taken: 0 });
    expect(server.requests).toEqual([]);
  });

  it('tells its platform that it may sleep once the queue has the event', async () => {
    const promises: Promise<void>[] = [];
    const queue = sharedQueue();
    const storing = deferred();
    queue.storing = storing.promise;
    const { vero } = makeClient({ queue, waitUntil: (promise) => void promises.push(promise) });
    vero.track('n', event);
    let isOver = false;
    const over = Promise.all(promises).then(() => {
      isOver = true;
    });
    expect(isOver).toBe(false);
    storing.resolve();
    await over;
    expect(vero.stats()).toMatchObject({ handedOver: 1 });
  });

  it('drops an event that the queue refuses, and says so', async () => {
    const queue = sharedQueue();
    const { vero, told, until } = makeClient({ queue });
    queue.storing = Promise.reject(new Error('not such a one'));
    queue.storing.catch(() => undefined);
    vero.track('n', event);
    await until('dropped');
    expect(told.dropped).toMatchObject([{ reason: 'queue-failed', possiblyDelivered: false }]);
    expect(vero.stats()).toMatchObject({ accepted: 1, dropped: 1, pending: 0 });
  });

  it('does not know, when it is closed meanwhile, whether the queue took an event', async () => {
    const queue = sharedQueue();
    const storing = deferred();
    queue.storing = storing.promise;
    const { vero, told } = makeClient({ queue });
    vero.track('n', event);
    expect(await vero.close({ timeout: 0 })).toMatchObject({ dropped: 1, pending: 0 });
    storing.reject(new Error('The queue was closed'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(told.dropped).toMatchObject([{ reason: 'closed', possiblyDelivered: true }]);
    expect(told.error).toEqual([]);
  });

  it('sends what must not wait past the queue', async () => {
    const server = await fakeVero();
    const { vero } = makeClient({ baseUrl: server.url, queue: sharedQueue() });
    await vero.send('n', event);
    expect(server.names).toEqual(['n']);
    expect(vero.stats()).toMatchObject({ accepted: 1, delivered: 1, handedOver: 0 });
  });
});

describe('A worker', () => {
  it('delivers what clients handed over, and counts it as taken', async () => {
    const server = await fakeVero();
    const queue = sharedQueue();
    const { vero } = makeClient({ baseUrl: server.url, queue });
    vero.track('n', event);
    await vero.flush();
    const worker = makeWorker(queue, server.url);
    await server.received(1);
    await expect
      .poll(() => worker.stats())
      .toMatchObject({ accepted: 0, taken: 1, delivered: 1, pending: 0 });
    expect(await queue.counts()).toMatchObject({ waiting: 0 });
  });
});

describe('The record of an event whose caller waits for it', () => {
  it('is that of the client: its scope, its catalogue and its rules', () => {
    const { vero } = makeClient({ source: 'shop', project: 'mine' });
    const record = vero.run({ identity: JANE }, () => recordNow(vero, 'outbox', 'n', { data: { a: 1 } }));
    expect(record).toMatchObject({ v: 1, name: 'n', project: 'mine', attempts: 0 });
    expect(JSON.parse((record as QueueRecord).body)).toMatchObject({
      identity: JANE,
      data: { a: 1 },
      extras: { source: 'shop' },
    });
    expect(vero.stats()).toMatchObject({ accepted: 0 });
  });

  it('is refused with the name of the function that was called', () => {
    const { vero, told } = makeClient();
    expect(() => recordNow(vero, 'outbox', 'n', {})).toThrow('outbox: event "n" has no identity');
    expect(() => recordNow(vero, 'outbox', '', event)).toThrow(/name/);
    expect(told.skipped).toMatchObject([{ reason: 'no-identity' }]);
    expect(vero.stats()).toMatchObject({ invalid: 1 });
    expect(() => recordNow({}, 'outbox', 'n', event)).toThrow('outbox: its client must be one');
    expect(() => queueOf({}, 'createOutbox')).toThrow('createOutbox: its client must be one');
  });

  it('says why there is none', () => {
    const refusing = makeClient({ beforeAccept: () => null });
    expect(recordNow(refusing.vero, 'outbox', 'n', event)).toBe('refused');
    expect(refusing.told.skipped).toMatchObject([{ reason: 'refused' }]);
    const disabled = makeClient({ enabled: false });
    expect(recordNow(disabled.vero, 'outbox', 'n', event)).toBe('disabled');
    expect(disabled.told.skipped).toMatchObject([{ reason: 'disabled' }]);
  });
});
