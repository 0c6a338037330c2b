import { describe, expect, it } from 'vitest';
import { createVero, memoryQueue, type Transport } from '../src/index.ts';
import { deferred, JANE, makeClient, TOKEN, track } from './clients.ts';
import { passTime } from './clock.ts';
import { fakeVero, nobodyThere } from './fake-vero.ts';

const event = { identity: JANE };
const NOTHING = { delivered: 0, rejected: 0, dropped: 0, handedOver: 0, pending: 0, deferred: 0 };

describe('flush', () => {
  it('is over at once when there is nothing to do', async () => {
    const { vero } = makeClient();
    expect(await vero.flush()).toEqual(NOTHING);
  });

  it('waits for what is in flight', async () => {
    const gate = deferred();
    const server = await fakeVero({ status: 200, after: gate.promise });
    const { vero } = makeClient({ baseUrl: server.url });
    vero.track('n', event);
    await server.received(1);
    let isOver = false;
    const flushed = vero.flush().then((result) => {
      isOver = true;
      return result;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isOver).toBe(false);
    gate.resolve();
    expect(await flushed).toEqual({ ...NOTHING, delivered: 1 });
  });

  it('waits for what is accepted during the call', async () => {
    const gate = deferred();
    const server = await fakeVero(({ body }) =>
      body.event_name === 'first' ? { status: 200, after: gate.promise } : 200,
    );
    const { vero } = makeClient({ baseUrl: server.url });
    vero.track('first', event);
    const flushed = vero.flush();
    await server.received(1);
    vero.track('second', event);
    vero.on('delivered', ({ event: { name } }) => name === 'first' && vero.track('third', event));
    gate.resolve();
    expect(await flushed).toEqual({ ...NOTHING, delivered: 3 });
    expect([...server.names].sort()).toEqual(['first', 'second', 'third']);
  });

  it('gives up at its timeout, keeps what is left, and says how much', async () => {
    const server = await fakeVero(({ body }) => (body.event_name === 'good' ? 200 : 'hang'));
    const { vero } = makeClient({ baseUrl: server.url });
    for (const name of ['good', 'slow', 'slow']) vero.track(name, event);
    expect(await vero.flush({ timeout: 150 })).toEqual({ ...NOTHING, delivered: 1, pending: 2 });
    expect(await vero.flush({ timeout: 0 })).toEqual({ ...NOTHING, pending: 2 });
    expect(vero.stats().pending).toBe(2);
  });

  it('tells what happened during the call, and not before', async () => {
    const server = await fakeVero(({ body }) => Number(body.event_name));
    const { vero } = makeClient({ baseUrl: server.url });
    vero.track('200', event);
    expect(await vero.flush()).toEqual({ ...NOTHING, delivered: 1 });
    vero.track('400', event);
    vero.track('200', event);
    expect(await vero.flush()).toEqual({ ...NOTHING, delivered: 1, rejected: 1 });
  });

  it('may be called twice at once', async () => {
    const server = await fakeVero();
    const { vero } = makeClient({ baseUrl: server.url });
    vero.track('n', event);
    expect(await Promise.all([vero.flush(), vero.flush()])).toEqual([
      { ...NOTHING, delivered: 1 },
      { ...NOTHING, delivered: 1 },
    ]);
  });
});

describe('close', () => {
  it('delivers what waits, and drops what comes after', async () => {
    const server = await fakeVero();
    const { vero, told } = makeClient({ baseUrl: server.url });
    vero.track('before', event);
    expect(await vero.close()).toEqual({ ...NOTHING, delivered: 1 });
    vero.track('after', event);
    expect(told.dropped).toMatchObject([{ event: { name: 'after' }, reason: 'closed' }]);
    expect(vero.stats()).toMatchObject({ accepted: 2, delivered: 1, dropped: 1, pending: 0 });
    expect(server.names).toEqual(['before']);
    expect(vero.health()).toMatchObject({ ok: false, reasons: ['the client is closed'] });
  });

  it('gives the same promise each time', async () => {
    const { vero } = makeClient();
    const closing = vero.close();
    expect(vero.close({ timeout: 1 })).toBe(closing);
    await closing;
    expect(vero.close()).toBe(closing);
  });

  it('may be called with flush at once', async () => {
    const server = await fakeVero();
    const { vero } = makeClient({ baseUrl: server.url });
    vero.track('n', event);
    expect(await Promise.all([vero.flush(), vero.close(), vero.flush()])).toEqual(
      Array.from({ length: 3 }, () => ({ ...NOTHING, delivered: 1 })),
    );
    expect(await vero.flush()).toEqual(NOTHING);
  });

  it('aborts what is in flight at its timeout, drops what is left, and says so', async () => {
    const server = await fakeVero('hang');
    const { vero, told } = makeClient({
      baseUrl: server.url,
      delivery: { concurrency: 2, timeoutMs: 60_000 },
    });
    for (const name of ['a', 'b', 'c']) vero.track(name, event);
    await server.received(2);
    expect(await vero.close({ timeout: 50 })).toEqual({ ...NOTHING, dropped: 3 });
    expect(told.dropped.map(({ reason }) => reason)).toEqual(['closed', 'closed', 'closed']);
    await Promise.all(server.requests.map(({ abandoned }) => abandoned));
    expect(server.requests).toHaveLength(2);
  });

  it('leaves nothing that is sent later, neither a retry nor what waited for a callback', async () => {
    const server = await fakeVero();
    const consent = deferred<boolean>();
    const asked = deferred();
    const beforeSend = (): Promise<boolean> => {
      asked.resolve();
      return consent.promise;
    };
    const { vero } = makeClient({ baseUrl: server.url, beforeSend });
    vero.track('n', event);
    await asked.promise;
    expect(await vero.close({ timeout: 0 })).toEqual({ ...NOTHING, dropped: 1 });
    consent.resolve(true);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(server.requests).toHaveLength(0);
    expect(vero.stats()).toMatchObject({ taken: 0, delivered: 0, dropped: 1 });
  });

  it('makes no attempt with a token that came too late', async () => {
    const server = await fakeVero();
    const token = deferred<string>();
    const asked = deferred();
    const authToken = (): Promise<string> => {
      asked.resolve();
      return token.promise;
    };
    const { vero } = makeClient({ baseUrl: server.url, authToken });
    vero.track('n', event);
    await asked.promise;
    await vero.close({ timeout: 0 });
    token.resolve(TOKEN);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(server.requests).toHaveLength(0);
  });

  it('waits for open scopes, and stops accepting after them', async () => {
    const server = await fakeVero();
    const { vero } = makeClient({ baseUrl: server.url });
    const work = deferred();
    const running = vero.run({ identity: JANE }, async () => {
      vero.trackOnSuccess('done');
      await work.promise;
      vero.track('inside');
    });
    const closing = vero.close();
    work.resolve();
    await running;
    expect(await closing).toEqual({ ...NOTHING, delivered: 2 });
  });

  it('gives open work all of its time while nothing else waits, and says what is undecided', async () => {
    const server = await fakeVero();
    const { vero } = makeClient({ baseUrl: server.url });
    const more = deferred();
    const job = vero.run(event, async () => {
      vero.trackOnSuccess('done');
      await more.promise;
    });
    const closing = vero.close({ timeout: 400 });
    // After half of the time.
    setTimeout(more.resolve, 250);
    await job;
    expect(await closing).toMatchObject({ delivered: 1, dropped: 0, deferred: 0 });
    expect(server.names).toEqual(['done']);
  });

  it('gives work that never ends half of its time, and delivers the rest', async () => {
    const server = await fakeVero();
    const { vero } = makeClient({ baseUrl: server.url });
    void vero.run({ identity: JANE }, () => {
      vero.trackOnSuccess('never');
      vero.track('before');
      return new Promise(() => {});
    });
    expect(await vero.close({ timeout: 100 })).toEqual({ ...NOTHING, deferred: 1, delivered: 1 });
    expect(vero.stats()).toMatchObject({ deferred: 1, openScopes: 1, pending: 0 });
  });

  it('is what the end of a block does', async () => {
    const server = await fakeVero();
    {
      await using vero = track(createVero({ authToken: TOKEN, baseUrl: server.url }));
      vero.track('n', event);
    }
    expect(server.names).toEqual(['n']);
  });

  it('closes the transport and then the queue, and contains what they throw', async () => {
    const order: string[] = [];
    const transport: Transport = {
      send: async () => ({ status: 200 }),
      close: () => {
        order.push('transport');
        throw new Error('stuck');
      },
    };
    const queue = memoryQueue();
    const close = queue.close.bind(queue);
    queue.close = async () => {
      order.push('queue');
      await close();
      throw new Error('busy');
    };
    const { vero, told } = makeClient({ transport, queue });
    vero.track('n', event);
    expect(await vero.close()).toEqual({ ...NOTHING, delivered: 1 });
    expect(order).toEqual(['transport', 'queue']);
    expect(told.error.map(({ error }) => [error.code, error.message])).toEqual([
      ['VERO_INTERNAL', 'Something failed inside Verotrack: stuck'],
      ['VERO_INTERNAL', 'Something failed inside Verotrack: busy'],
    ]);
  });

  it('does not need a transport that can be closed', async () => {
    const { vero } = makeClient({ transport: { send: async () => ({ status: 200 }) } });
    expect(await vero.close()).toEqual(NOTHING);
  });
});

describe('a full queue', () => {
  it.each([
    ['drop-newest', ['e0', 'e1', 'e2'], ['e3', 'e4']],
    ['drop-oldest', ['e2', 'e3', 'e4'], ['e0', 'e1']],
  ] as const)('tells and counts each event that it drops (%s)', async (overflow, kept, dropped) => {
    const server = await fakeVero();
    const { vero, told } = makeClient({ baseUrl: server.url, queue: memoryQueue({ capacity: 3, overflow }) });
    for (let n = 0; n < 5; n++) vero.track(`e${n}`, event);
    expect(told.dropped.map(({ event: { name }, reason }) => [name, reason])).toEqual(
      dropped.map((name) => [name, 'overflow']),
    );
    expect(await vero.flush()).toEqual({ ...NOTHING, delivered: 3 });
    expect([...server.names].sort()).toEqual(kept);
  });
});

describe('health', () => {
  it('is not well while the oldest event waits for too long', async () => {
    const { vero, until } = makeClient({
      baseUrl: await nobodyThere(),
      delivery: { retry: { baseMs: 60_000, maxMs: 60_000 } },
    });
    expect(vero.health()).toEqual({
      ok: true,
      reasons: [],
      oldestPendingMs: undefined,
      pending: 0,
      paused: undefined,
    });
    vero.track('n', event);
    await until('retrying');
    expect(vero.health().ok).toBe(true);
    passTime(7 * 60_000);
    expect(vero.health()).toMatchObject({
      ok: false,
      reasons: ['the oldest event has waited for 7 minutes'],
      pending: 1,
    });
    expect(vero.stats().oldestPendingMs).toBeGreaterThanOrEqual(7 * 60_000);
  });
});
