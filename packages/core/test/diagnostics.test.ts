import { AsyncLocalStorage } from 'node:async_hooks';
import { execFile } from 'node:child_process';
import diagnosticsChannel from 'node:diagnostics_channel';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openClients, subscribe, VERO_CHANNELS, type VeroDiagnostics } from '../src/diagnostics.ts';
import { memoryQueue, type QueueRecord, type Vero } from '../src/index.ts';
import { expectNoCredential, JANE, makeClient, makeSendingClient, TOKEN } from './clients.ts';
import { fakeVero, nobodyThere } from './fake-vero.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

function listen<What extends keyof VeroDiagnostics>(
  name: What,
  listener: (message: VeroDiagnostics[What]) => void,
): void {
  ends.push(subscribe(name, listener));
}

function messagesOf<What extends keyof VeroDiagnostics>(name: What): VeroDiagnostics[What][] {
  const messages: VeroDiagnostics[What][] = [];
  listen(name, (message) => messages.push(message));
  return messages;
}

describe('channels', () => {
  it('are plain channels of Node, whose names are listed', async () => {
    const seen: unknown[] = [];
    const listener = (message: unknown): void => void seen.push(message);
    diagnosticsChannel.subscribe('verotrack:accepted', listener);
    ends.push(() => void diagnosticsChannel.unsubscribe('verotrack:accepted', listener));
    const { vero } = makeSendingClient();
    vero.track('viewed', { identity: JANE });
    expect(VERO_CHANNELS.accepted).toBe('verotrack:accepted');
    expect(Object.entries(VERO_CHANNELS).every(([what, name]) => name === `verotrack:${what}`)).toBe(true);
    expect(seen).toMatchObject([{ client: openClients().at(-1), event: { name: 'viewed' } }]);
  });

  it('refuse a name that is none of them, and a listener that can hear nothing', () => {
    expect(() => subscribe('verotrack:dropped' as 'dropped', () => {})).toThrow(
      'subscribe: no channel "verotrack:dropped"; there are created, accepted',
    );
    expect(() => subscribe('toString' as 'dropped', () => {})).toThrow('no channel "toString"');
    expect(() => subscribe('dropped', undefined as never)).toThrow(
      expect.objectContaining({ code: 'VERO_CONFIG', message: 'subscribe: its listener must be a function' }),
    );
  });

  it('tell of an event from its making to its delivery', async () => {
    const order: string[] = [];
    const names = Object.keys(VERO_CHANNELS) as (keyof VeroDiagnostics)[];
    for (const name of names) listen(name, () => order.push(name));
    const server = await fakeVero([503, 200]);
    const { vero } = makeClient({ baseUrl: server.url });
    vero.track('viewed', { identity: JANE });
    await vero.flush();
    expect(order).toEqual([
      'created',
      'accepted',
      'attempt:start',
      'attempt:end',
      'retrying',
      'attempt:start',
      'attempt:end',
      'delivered',
    ]);
  });

  it('say what kind of failure it was, and in a word', async () => {
    const failures: unknown[] = [];
    listen('retrying', ({ failure }) => failures.push(failure));
    listen('rejected', ({ failure }) => failures.push(failure));
    // What sends is loaded at the first time, which may take longer than an attempt may here.
    const patient = makeClient({ baseUrl: (await fakeVero()).url, delivery: { timeoutMs: 20_000 } });
    await patient.vero.send('first', { identity: JANE });
    const server = await fakeVero(['hang', 503, 400]);
    const answered = makeClient({ baseUrl: server.url, delivery: { timeoutMs: 1_000 } });
    answered.vero.track('viewed', { identity: JANE });
    await answered.vero.flush();
    const alone = makeClient({ baseUrl: await nobodyThere() });
    alone.vero.track('viewed', { identity: JANE });
    await alone.until('retrying');
    expect(failures.slice(0, 4)).toEqual(['timeout', '503', '400', 'ECONNREFUSED']);
  });

  it('tell of pauses, refusals and contained errors', async () => {
    const [paused, resumed, errors] = [messagesOf('paused'), messagesOf('resumed'), messagesOf('error')];
    const [skipped, invalid] = [messagesOf('skipped'), messagesOf('invalid')];
    const server = await fakeVero([401, 200]);
    const { vero } = makeClient({
      baseUrl: server.url,
      beforeAccept: (event) => {
        if (event.name === 'broken') throw new Error('of the hook');
        return event;
      },
    });
    for (const name of ['viewed', 'broken', '']) vero.track(name, { identity: JANE });
    vero.track('nobody');
    await expect(vero.send('', { identity: JANE })).rejects.toThrow('Invalid event');
    await vero.flush();
    expect(paused).toMatchObject([{ reason: 'unauthorized' }]);
    expect(resumed).toMatchObject([{ reason: 'unauthorized' }]);
    expect(errors).toMatchObject([
      { code: 'VERO_CALLBACK_FAILED', name: 'broken', callback: 'beforeAccept' },
    ]);
    expect(skipped).toMatchObject([{ reason: 'refused' }, { name: 'nobody', reason: 'no-identity' }]);
    expect(invalid).toMatchObject([{ name: '' }, { name: '' }]);
  });

  it('hold no value of a payload or an identity, and no credential', async () => {
    const messages: object[] = [];
    for (const name of Object.keys(VERO_CHANNELS) as (keyof VeroDiagnostics)[])
      listen(name, (message) => messages.push(message));
    const repeated = JSON.stringify({
      email: 'jane@example.com',
      auth_token: TOKEN,
      price: 'price-of-shoes',
    });
    const server = await fakeVero([
      { status: 503, body: repeated },
      { status: 401, body: repeated },
      { status: 400, body: repeated },
    ]);
    const { vero } = makeClient({ baseUrl: server.url });
    vero.track('bought', { identity: JANE, data: { price: 'price-of-shoes' } });
    vero.track('bought', { identity: JANE, data: { price: 1n } });
    vero.track('bought', { identity: { id: '42', email: 'not-an-address' } });
    vero.run({ identity: JANE }, () => {
      vero.trackOnSuccess('bought', { data: { price: 'price-of-shoes' } });
      vero.cancelTracking('jane@example.com');
    });
    await vero.flush();
    // Not the facade, which leads to the client's own numbers.
    const said = JSON.stringify(messages.map(({ ...message }) => ({ ...message, client: undefined })));
    expect(messages.length).toBeGreaterThan(10);
    expect(said).not.toMatch(/jane|not-an-address|price-of-shoes|"42"/);
    expectNoCredential(messages);
  });

  it('build nothing for an attempt that nobody looks at', async () => {
    const at = vi.spyOn(performance, 'now');
    const { vero } = makeSendingClient();
    vero.track('viewed', { identity: JANE });
    await vero.flush();
    expect(at).not.toHaveBeenCalled();
    at.mockRestore();
    const messages = messagesOf('attempt:end');
    vero.track('viewed', { identity: JANE });
    await vero.flush();
    expect(messages).toMatchObject([{ attempt: 1, isQueued: true, end: { status: 200 } }]);
  });

  it('are those of another copy of the package, too', async () => {
    const copyOf = '../src/index.ts?copy-with-channels';
    const copy = (await import(copyOf)) as typeof import('../src/index.ts');
    const messages = messagesOf('accepted');
    const vero = copy.createVero({ authToken: TOKEN, transport: { send: async () => ({ status: 200 }) } });
    vero.track('viewed', { identity: JANE });
    expect(messages).toMatchObject([{ client: openClients().at(-1), event: { name: 'viewed' } }]);
    await vero.close();
  });
});

describe('the trace context of an event', () => {
  const request = new AsyncLocalStorage<string>();
  const giveTrace = (): void =>
    listen('created', (message) => {
      message.trace = request.getStore();
    });

  async function recordsOf(work: (vero: Vero) => unknown): Promise<QueueRecord[]> {
    const queue = memoryQueue();
    const records: QueueRecord[] = [];
    const put = queue.put.bind(queue);
    queue.put = (given) => {
      records.push(...given);
      return put(given);
    };
    const { vero } = makeSendingClient({ queue });
    await work(vero);
    await vero.flush();
    return records;
  }

  it('is that of the work that tracked it, and is stored with it', async () => {
    giveTrace();
    const records = await recordsOf((vero) =>
      request.run('of-the-request', () => vero.track('viewed', { identity: JANE })),
    );
    expect(records).toMatchObject([{ name: 'viewed', trace: 'of-the-request' }]);
  });

  it('is that of trackOnSuccess, not that of whoever ends the work', async () => {
    giveTrace();
    const records = await recordsOf(async (vero) => {
      let end = (): void => {};
      const work = vero.run({ identity: JANE }, () => {
        request.run('of-the-request', () => vero.trackOnSuccess('bought'));
        return new Promise<void>((resolve) => {
          end = resolve;
        });
      });
      request.run('of-another', () => end());
      await work;
    });
    expect(records).toMatchObject([{ name: 'bought', trace: 'of-the-request' }]);
  });

  it('comes back with every attempt', async () => {
    giveTrace();
    const attempts = messagesOf('attempt:start');
    const server = await fakeVero([503, 200]);
    const { vero } = makeClient({ baseUrl: server.url });
    request.run('of-the-request', () => vero.track('viewed', { identity: JANE }));
    await vero.flush();
    await request.run('of-a-call', () => vero.send('sent', { identity: JANE }));
    expect(attempts).toMatchObject([
      { attempt: 1, trace: 'of-the-request', isQueued: true },
      { attempt: 2, trace: 'of-the-request', isQueued: true },
      { attempt: 1, trace: 'of-a-call', isQueued: false },
    ]);
  });

  it('is left out where it is no string, or too long, or nobody gives one', async () => {
    for (const trace of [42, 'x'.repeat(256), undefined]) {
      const end = subscribe('created', (message) => {
        message.trace = trace as string;
      });
      const [record] = await recordsOf((vero) => vero.track('viewed', { identity: JANE }));
      end();
      expect(record).not.toHaveProperty('trace');
    }
  });
});

describe('an attempt', () => {
  const place = new AsyncLocalStorage<string>();

  it('is made in the async context of no request, unless it is that of send', async () => {
    const places: unknown[] = [];
    const { vero } = makeClient({
      transport: {
        send: async () => {
          places.push(place.getStore());
          return { status: 200 };
        },
      },
    });
    place.run('a request', () => vero.track('viewed', { identity: JANE }));
    await vero.flush();
    await place.run('a request', () => vero.send('viewed', { identity: JANE }));
    expect(places).toEqual([undefined, 'a request']);
  });

  it('is made inside what a subscriber asks for', async () => {
    const outer = new AsyncLocalStorage<string>();
    listen('attempt:start', (attempt) => attempt.runInside((send) => place.run('inner', send)));
    listen('attempt:start', (attempt) => attempt.runInside((send) => outer.run('outer', send)));
    const places: unknown[] = [];
    const { vero } = makeClient({
      transport: {
        send: async () => {
          await Promise.resolve();
          places.push([place.getStore(), outer.getStore()]);
          return { status: 200 };
        },
      },
    });
    vero.track('viewed', { identity: JANE });
    await vero.flush();
    expect(places).toEqual([['inner', 'outer']]);
  });

  it.each([
    ['throws before it', () => expect.unreachable()],
    ['never makes it', () => {}],
    [
      'makes it twice and throws',
      (send: () => void) => {
        send();
        send();
        throw new Error('of a subscriber');
      },
    ],
    [
      'makes it and rejects',
      (async (send: () => void) => {
        send();
        throw new Error('of a promise');
      }) as (send: () => void) => void,
    ],
  ])('is made once when a subscriber %s', async (_, around) => {
    listen('attempt:start', (attempt) => attempt.runInside(around));
    const { vero, sent } = makeSendingClient();
    vero.track('viewed', { identity: JANE });
    expect(await vero.flush()).toMatchObject({ delivered: 1 });
    expect(sent).toHaveLength(1);
  });

  it('fails as ever when its transport throws', async () => {
    listen('attempt:start', (attempt) => attempt.runInside((send) => send()));
    const attempts = messagesOf('attempt:end');
    const { vero, until } = makeClient({
      transport: {
        send: () => {
          throw new Error('of the transport');
        },
      },
    });
    vero.track('viewed', { identity: JANE });
    const [{ error } = {}] = await until('retrying');
    expect(error?.message).toContain('of the transport');
    expect(attempts[0]?.end).toMatchObject({ status: undefined, failure: 'unknown' });
  });
});

describe('a subscriber that causes what it is told of', () => {
  it.each(['created', 'accepted'] as const)('is not told of it for ever: %s', async (name) => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const { vero } = makeSendingClient();
    let told = 0;
    listen(name, () => {
      told++;
      vero.track('told', { identity: JANE });
    });
    vero.track('viewed', { identity: JANE });
    vero.track('viewed', { identity: JANE });
    expect(told).toBe(20);
    expect(await vero.flush()).toMatchObject({ delivered: 22, pending: 0 });
    expect(warn.mock.calls.map(([message]) => message)).toEqual([
      `A subscriber of "verotrack:${name}" causes what it is told of, again and again: it is not told of it any more`,
    ]);
    warn.mockRestore();
  });
});

describe('a subscriber that throws', () => {
  it('is contained, and warned of once, when subscribe took it', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    listen('accepted', () => {
      throw new Error('of a subscriber');
    });
    listen('accepted', (async () => {
      throw new Error('of a promise\nof two lines');
    }) as () => void);
    const { vero } = makeSendingClient();
    vero.track('viewed', { identity: JANE });
    vero.track('viewed', { identity: JANE });
    expect(await vero.flush()).toMatchObject({ delivered: 2 });
    expect(warn.mock.calls.map(([message]) => message)).toEqual([
      'A subscriber of "verotrack:accepted" failed: of a subscriber',
      'A subscriber of "verotrack:accepted" failed: of a promise\\nof two lines',
    ]);
    warn.mockRestore();
  });

  it('is an uncaught exception of the process when Node took it, and no event is lost by it', async () => {
    const server = await fakeVero();
    const script = join(import.meta.dirname, 'throwing-subscribers.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [script], {
      env: { ...process.env, VERO_BASE_URL: server.url, NODE_NO_WARNINGS: '1' },
    });
    const { uncaught, result, others } = JSON.parse(stdout);
    expect(new Set(uncaught)).toEqual(
      new Set(['of created', 'of accepted', 'of attempt:start', 'of attempt:end', 'of delivered']),
    );
    expect(result).toMatchObject({ delivered: 1, pending: 0, dropped: 0 });
    expect(others).toBe(5);
  });
});

describe('openClients', () => {
  it('lists clients until they are closed, with their numbers', async () => {
    const before = openClients().length;
    const { vero } = makeSendingClient({ project: 'shop' });
    const [client] = openClients().slice(before);
    expect(client).toMatchObject({ role: 'client', project: 'shop' });
    vero.track('viewed', { identity: JANE });
    expect(client?.stats()).toMatchObject({ accepted: 1, pending: 1 });
    expect(client?.health()).toMatchObject({ ok: true, pending: 1 });
    expect(await client?.queueCounts()).toMatchObject({ waiting: 1 });
    await vero.close();
    expect(openClients()).toHaveLength(before);
  });
});
