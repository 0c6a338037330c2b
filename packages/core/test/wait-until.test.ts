import { afterEach, describe, expect, it, vi } from 'vitest';
import { createVero, memoryQueue, type Transport, type Vero } from '../src/index.ts';
import { deferred, JANE, makeClient, TOKEN, track } from './clients.ts';
import { fakeVero } from './fake-vero.ts';

const event = { identity: JANE };
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

// Before the client is closed, which takes time.
afterEach(() => {
  vi.useRealTimers();
});

/** A platform that keeps awake for what it is given. */
function platform(): {
  waitUntil: (promise: Promise<void>) => void;
  promises: Promise<void>[];
  /** How many of the promises are over. */
  over: () => number;
} {
  const promises: Promise<void>[] = [];
  let over = 0;
  const waitUntil = (promise: Promise<void>): void => {
    promises.push(promise);
    void promise.then(() => over++);
  };
  return { waitUntil, promises, over: () => over };
}

describe('waitUntil', () => {
  it('is called before the work begins, in the same turn', () => {
    const order: string[] = [];
    const { vero } = makeClient({ waitUntil: () => order.push('waitUntil') });
    vero.run({ identity: JANE }, () => order.push('work'));
    order.push('after');
    expect(order).toEqual(['waitUntil', 'work', 'after']);
  });

  it('gets a promise that is over when the events of the scope are delivered', async () => {
    const gate = deferred();
    const server = await fakeVero({ status: 200, after: gate.promise });
    const { waitUntil, promises, over } = platform();
    const { vero } = makeClient({ baseUrl: server.url, waitUntil });
    await vero.run({ identity: JANE }, async () => {
      vero.track('now');
      vero.trackOnSuccess('on_success');
    });
    await server.received(2);
    await tick();
    expect(promises).toHaveLength(1);
    expect(over()).toBe(0);
    gate.resolve();
    expect(await promises[0]).toBeUndefined();
    expect(vero.stats()).toMatchObject({ delivered: 2, pending: 0, deferred: 0 });
  });

  it('has its promise wait for work that goes on', async () => {
    const server = await fakeVero();
    const { waitUntil, promises, over } = platform();
    const { vero } = makeClient({ baseUrl: server.url, waitUntil });
    const work = deferred();
    const running = vero.run({ identity: JANE }, async () => {
      vero.track('first');
      await vero.flush();
      await work.promise;
      vero.trackOnSuccess('second');
    });
    await server.received(1);
    await vero.flush();
    await tick();
    expect(over()).toBe(0);
    work.resolve();
    await running;
    await promises[0];
    expect(server.names).toEqual(['first', 'second']);
    expect(vero.stats()).toMatchObject({ delivered: 2 });
  });

  it('is called once for a scope and all those inside it, and its promise covers them', async () => {
    const server = await fakeVero();
    const { waitUntil, promises, over } = platform();
    const { vero } = makeClient({ baseUrl: server.url, waitUntil });
    const inner = deferred();
    let running: Promise<void> | undefined;
    vero.run({ identity: JANE }, () => {
      vero.run({}, () => vero.track('sync'));
      running = vero.run({}, async () => {
        await inner.promise;
        await vero.run({}, async () => vero.trackOnSuccess('innermost'));
      });
    });
    await vero.flush();
    await tick();
    expect(over()).toBe(0);
    inner.resolve();
    await running;
    await promises[0];
    expect(server.names).toEqual(['sync', 'innermost']);
    expect(promises).toHaveLength(1);
  });

  it('is called for an event outside any scope, and for one that came when all was over', async () => {
    const server = await fakeVero();
    const { waitUntil, promises } = platform();
    const { vero } = makeClient({ baseUrl: server.url, waitUntil });
    vero.track('outside', event);
    expect(promises).toHaveLength(1);
    await promises[0];
    expect(vero.stats().delivered).toBe(1);
    const late = deferred();
    let after: Promise<void> | undefined;
    vero.run({ identity: JANE }, () => {
      after = late.promise.then(() => vero.track('late'));
    });
    await promises[1];
    late.resolve();
    await after;
    expect(promises).toHaveLength(3);
    await promises[2];
    expect(server.names).toEqual(['outside', 'late']);
  });

  it('is over, and without an error, however the event ends', async () => {
    const server = await fakeVero(({ body }) => Number(body.event_name));
    const { waitUntil, promises } = platform();
    const { vero } = makeClient({
      baseUrl: server.url,
      waitUntil,
      queue: memoryQueue({ capacity: 3 }),
      delivery: { retry: { maxAttempts: 2 } },
      beforeAccept: (accepted) => (accepted.name === 'refused' ? null : accepted),
      beforeSend: ({ name }) => name !== 'vetoed',
    });
    for (const name of ['400', '500', 'vetoed', 'overflow', '', 'refused']) vero.track(name, event);
    vero.track('nobody');
    const fail = (): never => {
      vero.trackOnSuccess('failure');
      throw new Error('no');
    };
    expect(() => vero.run({ identity: JANE }, fail)).toThrow('no');
    const results = await Promise.allSettled(promises);
    expect(results.map(({ status }) => status)).toEqual(results.map(() => 'fulfilled'));
    expect(vero.stats()).toMatchObject({
      rejected: 1,
      dropped: 3,
      invalid: 1,
      pending: 0,
      skipped: { refused: 1, 'no-identity': 1, failure: 1 },
    });
  });

  it('is over when the client is closed', async () => {
    const server = await fakeVero('hang');
    const { waitUntil, promises } = platform();
    const { vero } = makeClient({ baseUrl: server.url, waitUntil });
    vero.track('n', event);
    await server.received(1);
    await vero.close({ timeout: 0 });
    await promises[0];
    expect(vero.stats()).toMatchObject({ dropped: 1 });
  });

  it('may throw: that is told, and neither the work nor its events notice', async () => {
    const server = await fakeVero();
    const problem = new Error('no platform here');
    const { vero, told } = makeClient({
      baseUrl: server.url,
      waitUntil: () => {
        throw problem;
      },
    });
    vero.track('outside', event);
    expect(vero.run({ identity: JANE }, () => vero.trackOnSuccess('inside'))).toBeUndefined();
    await vero.flush();
    expect([...server.names].sort()).toEqual(['inside', 'outside']);
    expect(told.error.map(({ error, callback }) => [callback, error.code, error.cause])).toEqual([
      ['waitUntil', 'VERO_CALLBACK_FAILED', problem],
      ['waitUntil', 'VERO_CALLBACK_FAILED', problem],
    ]);
  });
});

describe("the preset 'serverless'", () => {
  const hanging: Transport = { send: () => new Promise(() => {}) };
  // Not `makeClient`, whose short timers would take the place of the preset's.
  const serverless = (options: object): Vero =>
    track(createVero({ authToken: TOKEN, preset: 'serverless', logger: () => {}, ...options }));

  it('gives up an event to which Vero answers 500 within seconds', async () => {
    const server = await fakeVero(500);
    const { waitUntil, promises } = platform();
    const vero = serverless({ baseUrl: server.url, waitUntil });
    const dropped: string[] = [];
    vero.on('dropped', ({ reason }) => dropped.push(reason));
    const startedAt = Date.now();
    vero.track('n', event);
    await promises[0];
    expect(Date.now() - startedAt).toBeLessThan(5_000);
    expect(dropped).toEqual(['max-attempts']);
    expect(server.requests).toHaveLength(4);
  });

  it('ends its promise with the event when Vero hangs, after ten seconds and the attempt under way', async () => {
    vi.useFakeTimers();
    const { waitUntil, over } = platform();
    const vero = serverless({ transport: hanging, waitUntil });
    const dropped: string[] = [];
    vero.on('dropped', ({ reason }) => dropped.push(reason));
    vero.track('n', event);
    await vi.advanceTimersByTimeAsync(9_900);
    expect([over(), dropped]).toEqual([0, []]);
    await vi.advanceTimersByTimeAsync(4_900);
    expect([over(), dropped]).toEqual([1, ['expired']]);
  });

  it.each([
    ['serverless', 15_000],
    ['server', 30_000],
  ] as const)('ends its promise (%s: after %i ms) when the work never does', async (preset, ms) => {
    vi.useFakeTimers();
    const { waitUntil, over } = platform();
    const vero = serverless({ transport: hanging, waitUntil, preset });
    void vero.run({ identity: JANE }, () => new Promise(() => {}));
    await vi.advanceTimersByTimeAsync(ms - 1);
    expect(over()).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(over()).toBe(1);
  });

  it('leaves no timer behind when its promise is over', async () => {
    vi.useFakeTimers();
    const { waitUntil, promises } = platform();
    const vero = serverless({ transport: { send: async () => ({ status: 200 }) }, waitUntil });
    vero.track('n', event);
    await vi.advanceTimersByTimeAsync(1);
    await promises[0];
    expect(vero.stats().delivered).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});
