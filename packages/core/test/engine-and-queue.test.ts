import { afterEach, describe, expect, it, vi } from 'vitest';
import { type EventQueue, memoryQueue, type QueueRecord, type Transport } from '../src/index.ts';
import { deferred, JANE, makeClient } from './clients.ts';
import { passTime } from './clock.ts';
import { fakeVero } from './fake-vero.ts';
import { recordOf } from './queue-contract.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const event = { identity: JANE };

/** A queue of which some methods are another's. */
const withMethods = (methods: Partial<EventQueue>, queue: EventQueue = memoryQueue()): EventQueue =>
  Object.assign(queue, methods);

describe('a pause that begins while the queue looks for records', () => {
  it('holds them back, and lets one through as the probe', async () => {
    const queue = memoryQueue();
    const { take } = queue;
    const gate = deferred();
    let isSlow = false;
    queue.take = async (...args) => {
      if (isSlow) await gate.promise;
      return await take.apply(queue, args);
    };
    const answered = deferred();
    const sent: string[] = [];
    const transport: Transport = {
      send: async ({ body }) => {
        sent.push(JSON.parse(body).event_name);
        if (sent.length > 1) return { status: 200 };
        await answered.promise;
        return { status: 429, retryAfterMs: 60_000 };
      },
    };
    const { vero, until } = makeClient({ queue, transport, delivery: { retry: { maxMs: 60_000 } } });
    vero.track('first', event);
    await expect.poll(() => sent).toEqual(['first']);
    isSlow = true;
    for (let n = 0; n < 15; n++) vero.track(`e${n}`, event);
    await new Promise(setImmediate);
    answered.resolve();
    await until('paused');
    gate.resolve();
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    expect(sent).toEqual(['first']);
    expect(vero.stats()).toMatchObject({ pending: 16, paused: 'retry-after' });
  });
});

describe('an event that the queue could not forget', () => {
  it('comes back by itself when its lease is over', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    const queue = memoryQueue();
    const { ack } = queue;
    let failures = 1;
    queue.ack = (ids) => {
      if (failures-- > 0) throw new Error('the disk is full');
      return ack.call(queue, ids);
    };
    const transport: Transport = { send: async () => ({ status: 200 }) };
    const { vero, until } = makeClient({ queue, transport });
    vero.track('n', event);
    await until('error');
    expect(vero.stats().pending).toBe(1);
    // Nothing else happens, for as long as the lease is.
    for (let minute = 0; minute < 3; minute++) {
      await vi.advanceTimersByTimeAsync(60_000);
      await new Promise(setImmediate);
    }
    await until('delivered');
    expect(vero.stats()).toMatchObject({ delivered: 1, pending: 0 });
  });
});

describe('dead letters that are replayed', () => {
  const refused = async () => {
    const server = await fakeVero(400);
    const made = makeClient({ baseUrl: server.url });
    for (const name of ['a', 'b', 'c']) made.vero.track(name, event);
    expect(await made.vero.flush()).toMatchObject({ rejected: 3 });
    return { ...made, server };
  };

  it('are waited for by flush', async () => {
    const { vero, server } = await refused();
    server.answer(200);
    await vero.deadLetters.replay({ ratePerSecond: 100 });
    expect(vero.stats()).toMatchObject({ taken: 3, pending: 3 });
    expect(await vero.flush()).toMatchObject({ delivered: 3, pending: 0 });
  });

  it('are left alone when a callback fails, and when an option is wrong', async () => {
    const { vero, told } = await refused();
    let asked = 0;
    const filter = (): boolean => {
      if (++asked === 2) throw new Error('broken');
      return true;
    };
    const replay = (options: object) => async () => await vero.deadLetters.replay(options);
    await expect(replay({ filter })()).rejects.toThrow('broken');
    await expect(replay({ dryrun: true })()).rejects.toThrow(/replay: unknown option "dryrun".*"dryRun"/);
    await expect(replay({ ratePerSecond: -1 })()).rejects.toThrow(/"ratePerSecond" must be a number above 0/);
    expect(await vero.deadLetters.list()).toHaveLength(3);
    expect(vero.stats()).toMatchObject({ taken: 0, pending: 0 });
    expect(told.rejected).toHaveLength(3);
  });

  it('stay where they are when the client is closed', async () => {
    const { vero } = await refused();
    await vero.close();
    await expect(async () => await vero.deadLetters.replay()).rejects.toThrow('replay: the queue is closed');
    expect(await vero.deadLetters.list()).toHaveLength(3);
  });

  it('are told to be dropped when the client is closed before their time', async () => {
    const { vero, told } = await refused();
    await vero.deadLetters.replay({ ratePerSecond: 0.001 });
    expect(await vero.close({ timeout: 0 })).toMatchObject({ dropped: expect.any(Number), pending: 0 });
    expect(told.dropped.map(({ reason }) => reason)).toContain('closed');
  });
});

describe('a queue of several clients', () => {
  it('is closed with the last of them', async () => {
    const server = await fakeVero();
    const close = vi.fn();
    const queue = withMethods({ close });
    const shop = makeClient({ baseUrl: server.url, queue, project: 'shop' });
    const blog = makeClient({ baseUrl: server.url, queue, project: 'blog' });
    await shop.vero.close();
    expect(close).not.toHaveBeenCalled();
    blog.vero.track('n', event);
    expect(await blog.vero.flush()).toMatchObject({ delivered: 1 });
    await blog.vero.close();
    expect(close).toHaveBeenCalledOnce();
  });
});

describe('a memory queue of several clients', () => {
  const never: Transport = { send: () => new Promise(() => {}) };

  it('has one for each project', () => {
    const queue = memoryQueue();
    makeClient({ queue });
    expect(() => makeClient({ queue })).toThrow(/"queue" serves another client of the project "default"/);
    makeClient({ queue, project: 'blog' });
  });

  it('is free again for a project whose client was closed', async () => {
    const queue = memoryQueue();
    await makeClient({ queue, transport: never }).vero.close({ timeout: 0 });
    makeClient({ queue, transport: never });
  });

  it('has nothing left of a client that was closed', async () => {
    const queue = memoryQueue({ capacity: 3 });
    const shop = makeClient({ queue, project: 'shop', transport: never });
    const blog = makeClient({ queue, project: 'blog', transport: never });
    for (let n = 0; n < 3; n++) shop.vero.track('n', event);
    expect(await shop.vero.close({ timeout: 0 })).toMatchObject({ dropped: 3 });
    for (let n = 0; n < 3; n++) blog.vero.track('n', event);
    expect(blog.vero.stats()).toMatchObject({ pending: 3, dropped: 0 });
  });

  it('is not listened to by a client that was refused', async () => {
    const queue = memoryQueue();
    const sent = deferred();
    const first = { send: vi.fn(() => sent.promise.then(() => ({ status: 200 }))) };
    const second = { send: vi.fn(async () => ({ status: 200 })) };
    const { vero } = makeClient({ queue, transport: first, delivery: { concurrency: 1 } });
    expect(() => makeClient({ queue, transport: second })).toThrow(/"queue" serves another client/);
    const ids = ['a', 'b', 'c'];
    await queue.put(ids.map((id) => recordOf(id)));
    for (const id of ids) await queue.dead(id, 'no');
    await vero.deadLetters.replay();
    sent.resolve();
    await vero.flush();
    expect(first.send).toHaveBeenCalledTimes(3);
    expect(second.send).not.toHaveBeenCalled();
  });

  it('drops an event whose id another project has waiting, and tells so', async () => {
    const server = await fakeVero();
    const queue = memoryQueue();
    const shop = makeClient({ baseUrl: server.url, queue, project: 'shop' });
    const blog = makeClient({ baseUrl: server.url, queue, project: 'blog' });
    shop.vero.track('n', { ...event, eventId: 'e-1' });
    blog.vero.track('n', { ...event, eventId: 'e-1' });
    await Promise.all([shop.vero.flush(), blog.vero.flush()]);
    expect(shop.vero.stats()).toMatchObject({ delivered: 1 });
    expect(blog.vero.stats()).toMatchObject({ delivered: 0, dropped: 1, pending: 0 });
  });
});

describe('a queue that fails for one record', () => {
  it('does not keep the others from being delivered', async () => {
    const server = await fakeVero();
    const queue = memoryQueue();
    const { retry } = queue;
    let failures = 1;
    queue.retry = (...args) => {
      if (failures-- > 0) throw new Error('the disk is full');
      return retry.apply(queue, args);
    };
    await queue.put([
      recordOf('strange', { kind: 'identify' as never }),
      ...['a', 'b', 'c'].map((id) => recordOf(id)),
    ]);
    const { vero } = makeClient({ baseUrl: server.url, queue });
    vero.track('n', event);
    await server.received(4);
    await vero.flush();
    expect(vero.stats()).toMatchObject({ taken: 3, delivered: 4, pending: 0 });
  });
});

describe('a durable queue', () => {
  it('keeps what waits when the client is closed: handed over, not dropped', async () => {
    const queue = withMethods({ isDurable: true });
    const { vero, told } = makeClient({ queue, transport: { send: () => new Promise(() => {}) } });
    vero.track('n', event);
    expect(await vero.close({ timeout: 0 })).toEqual({
      delivered: 0,
      rejected: 0,
      dropped: 0,
      handedOver: 1,
      pending: 0,
      deferred: 0,
    });
    expect(told.dropped).toEqual([]);
  });
});

describe('the close of a client with a durable queue', () => {
  it('lets the last attempts end, so that nothing of them is sent twice', async () => {
    let sent = 0;
    const transport: Transport = {
      send: async () => {
        sent++;
        await new Promise((resolve) => setTimeout(resolve, 5));
        return { status: 200 };
      },
    };
    const queue = withMethods({ isDurable: true }, memoryQueue({ capacity: 100_000 }));
    const { vero } = makeClient({ queue, transport, delivery: { concurrency: 2 } });
    for (let n = 0; n < 2_000; n++) vero.track('n', event);
    const { delivered, handedOver } = await vero.close({ timeout: 500 });
    expect(delivered + handedOver).toBe(2_000);
    expect(handedOver).toBeGreaterThan(0);
    expect(sent).toBe(delivered);
  });
});

describe('a durable queue that fails while the client is closed', () => {
  const durable = (queue: Partial<EventQueue>): EventQueue => withMethods({ isDurable: true, ...queue });
  const neverAnswers: Transport = { send: () => new Promise(() => {}) };

  it('for one record still gets back the others that were under way', async () => {
    const backAgain: string[] = [];
    const queue = durable({
      retry: (id) => {
        if (id === 'b') throw new Error('the disk is full');
        backAgain.push(id);
      },
    });
    const { vero, told } = makeClient({ queue, transport: neverAnswers });
    for (const eventId of ['a', 'b', 'c']) vero.track('n', { ...event, eventId });
    await new Promise(setImmediate);
    expect(await vero.close({ timeout: 0 })).toMatchObject({ handedOver: 3, pending: 0 });
    expect(backAgain).toEqual(['a', 'c']);
    expect(told.error.map(({ error }) => error.message)).toEqual(['The queue failed: the disk is full']);
  });

  it('by never answering does not hold the close up', async () => {
    const queue = durable({ retry: () => new Promise(() => {}) });
    const { vero, told } = makeClient({ queue, transport: neverAnswers });
    vero.track('n', event);
    await new Promise(setImmediate);
    expect(await vero.close({ timeout: 0 })).toMatchObject({ handedOver: 1, pending: 0 });
    expect(told.error.map(({ error }) => error.message)).toEqual([expect.stringMatching(/took over \d+ ms/)]);
  });

  it('gets back what it gave too late', async () => {
    const asked = deferred();
    const answered = deferred();
    const backAgain: string[] = [];
    const late = recordOf('late');
    const queue = durable({
      take: async () => {
        asked.resolve();
        await answered.promise;
        return [late];
      },
      retry: (id) => void backAgain.push(id),
    });
    const { vero } = makeClient({ queue, transport: neverAnswers });
    await asked.promise;
    const closed = vero.close({ timeout: 0 });
    answered.resolve();
    await closed;
    expect(backAgain).toEqual(['late']);
  });
});

describe('a client that is disabled', () => {
  it('sends nothing of what is in its queue, and looks for nothing', async () => {
    const queue = memoryQueue();
    const take = vi.spyOn(queue, 'take');
    const send = vi.fn();
    await queue.put([recordOf('a')]);
    await queue.dead('a', 'no');
    const { vero } = makeClient({ enabled: false, queue, transport: { send } });
    vero.track('n', event);
    await vero.deadLetters.replay();
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
    expect(send).not.toHaveBeenCalled();
    expect(take).not.toHaveBeenCalled();
    expect(vero.stats()).toMatchObject({ taken: 0, pending: 0, skipped: { disabled: 1 } });
  });
});

describe('a record that this version can not read', () => {
  it.each<[string, object]>([
    ['of another version', { v: 2 }],
    ['of another kind', { kind: 'identify' }],
  ])('%s waits, untouched, and is told', async (_what, difference) => {
    const server = await fakeVero();
    const queue = memoryQueue();
    await queue.put([recordOf('strange', difference as Partial<QueueRecord>)]);
    const { vero, told, until } = makeClient({ baseUrl: server.url, queue });
    vero.track('n', event);
    await until('error');
    expect(await vero.flush()).toMatchObject({ delivered: 1 });
    expect(server.names).toEqual(['n']);
    expect(told.error).toMatchObject([
      { error: { code: 'VERO_QUEUE', message: expect.stringContaining("which this version can't read") } },
    ]);
    expect(vero.stats().taken).toBe(0);
    expect(await queue.counts()).toMatchObject({ waiting: 1, deadLetters: 0 });
  });
});

describe('an event that is given up', () => {
  it('says whether Vero may have it', async () => {
    const sending = deferred();
    const transport: Transport = {
      send: ({ body }) => {
        if (JSON.parse(body).event_name === 'under_way') sending.resolve();
        return new Promise(() => {});
      },
    };
    const { vero, told } = makeClient({ transport, delivery: { concurrency: 1 } });
    vero.track('under_way', event);
    vero.track('waiting', event);
    await sending.promise;
    await vero.close({ timeout: 0 });
    expect(told.dropped.map(({ event: { name }, possiblyDelivered }) => [name, possiblyDelivered])).toEqual([
      ['under_way', true],
      ['waiting', false],
    ]);
  });

  it('twice in one scope beyond its limit is given up once', async () => {
    const server = await fakeVero();
    const { vero } = makeClient({ baseUrl: server.url });
    vero.run(event, () => {
      for (let n = 0; n < 100; n++) vero.trackOnSuccess('n');
      vero.track('same', { eventId: 'e-1' });
      vero.trackOnSuccess('same', { eventId: 'e-1' });
    });
    await vero.flush();
    expect(vero.stats()).toMatchObject({
      accepted: 101,
      delivered: 101,
      dropped: 0,
      skipped: { duplicate: 1 },
    });
  });
});

describe('patience', () => {
  it('is not shortened by an answer that asks for less', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    const sent: string[] = [];
    const transport: Transport = {
      send: async ({ body }) => {
        const { event_name: name } = JSON.parse(body) as { event_name: string };
        sent.push(name);
        return { status: 429, retryAfterMs: name === 'long' ? 60_000 : 1_000 };
      },
    };
    const { vero, told } = makeClient({ transport, delivery: { retry: { maxMs: 300_000 } } });
    vero.track('long', event);
    vero.track('short', event);
    await new Promise(setImmediate);
    await vi.advanceTimersByTimeAsync(50_000);
    await new Promise(setImmediate);
    expect(sent).toEqual(['long', 'short']);
    expect(told.paused).toHaveLength(1);
    expect(told.paused[0]?.retryInMs).toBeGreaterThanOrEqual(60_000);
  });

  it('grows with each 429 that does not say for how long', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const at: number[] = [];
    const transport: Transport = {
      send: async () => {
        at.push(Date.now());
        return { status: 429 };
      },
    };
    const { vero } = makeClient({ transport, delivery: { retry: { baseMs: 500, maxMs: 300_000 } } });
    vero.track('n', event);
    for (let second = 0; second < 600; second++) {
      await vi.advanceTimersByTimeAsync(1_000);
      await new Promise(setImmediate);
    }
    const gaps = at.slice(1).map((time, index) => Math.round((time - (at[index] ?? 0)) / 1_000));
    expect(gaps.slice(0, 8)).toEqual([...gaps.slice(0, 8)].sort((a, b) => a - b));
    expect(gaps.at(-1)).toBeGreaterThan(100);
    expect(at.length).toBeLessThan(15);
  });

  it('with an event that alone is forbidden ends when it is too old', async () => {
    const server = await fakeVero(403);
    const { vero, told, until } = makeClient({ baseUrl: server.url });
    vero.track('n', event);
    await until('retrying');
    passTime(25 * 60 * 60_000);
    expect(await vero.flush()).toMatchObject({ dropped: 1, pending: 0 });
    expect(told.dropped).toMatchObject([{ reason: 'expired' }]);
    expect(await vero.deadLetters.list()).toHaveLength(1);
  });
});
