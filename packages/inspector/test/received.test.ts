import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isPending, post, SIGN_UP, start } from './client.ts';

const named = (event_name: string) => ({ ...SIGN_UP, event_name });

afterEach(() => {
  vi.useRealTimers();
});

describe('what was received', () => {
  it('is listed in order of arrival', async () => {
    const inspector = await start();
    for (const name of ['one', 'two', 'three']) await post(inspector, named(name));
    expect(inspector.events().map(({ name }) => name)).toEqual(['one', 'two', 'three']);
  });

  it('cannot be changed by who reads it', async () => {
    const inspector = await start();
    await post(inspector, { ...SIGN_UP, data: { list: [{ a: 1 }] } });
    const [event] = inspector.events();
    const [request] = inspector.requests();
    for (const part of [event, event?.body, event?.identity, event?.data, event?.data?.list, request]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    event?.receivedAt.setTime(0);
    expect(inspector.events()[0]?.receivedAt.getTime()).toBeGreaterThan(0);
  });

  it('is bounded: the oldest is forgotten', async () => {
    const inspector = await start({ maxEvents: 2 });
    for (const name of ['one', 'two', 'three']) await post(inspector, named(name));
    expect(inspector.events().map(({ name }) => name)).toEqual(['two', 'three']);
    expect(inspector.requests().map(({ eventName }) => eventName)).toEqual(['two', 'three']);
    expect(await inspector.waitForEvents(3)).toHaveLength(2);
  });

  it('tells each request and its attempt', async () => {
    const inspector = await start();
    inspector.failNext({ status: 503 });
    inspector.failNext('accept-then-drop');
    await post(inspector);
    await post(inspector).catch(() => undefined);
    await post(inspector, { ...SIGN_UP, auth_token: 'tok_secret_rotated' });
    await post(inspector, named('other'));
    await fetch(`${inspector.url}/api/v2/heartbeat`);
    const track = {
      receivedAt: expect.any(Date),
      method: 'POST',
      path: '/api/v2/events/track',
      message: undefined,
    };
    const signUp = { ...track, eventName: 'user_signed_up' };
    expect(inspector.requests()).toEqual([
      { ...signUp, status: 503, fault: { status: 503 }, attempt: 1 },
      { ...signUp, status: undefined, fault: 'accept-then-drop', attempt: 2 },
      { ...signUp, status: 200, fault: undefined, attempt: 3 },
      { ...track, eventName: 'other', status: 200, fault: undefined, attempt: 1 },
      {
        ...track,
        method: 'GET',
        path: '/api/v2/heartbeat',
        status: 200,
        fault: undefined,
        eventName: undefined,
        attempt: undefined,
      },
    ]);
  });

  it('is forgotten when cleared', async () => {
    const inspector = await start({ dedupe: { windowMs: 60_000 } });
    await post(inspector);
    await post(inspector);
    inspector.clear();
    expect([inspector.events(), inspector.duplicates(), inspector.requests()]).toEqual([[], [], []]);
    await post(inspector);
    expect(inspector.events()).toHaveLength(1);
    expect(inspector.requests()).toMatchObject([{ attempt: 1 }]);
  });
});

describe('waiting', () => {
  it('finds an event that is there already', async () => {
    const inspector = await start();
    await post(inspector);
    expect(await inspector.waitForEvent('user_signed_up', { timeoutMs: 0 })).toMatchObject({
      identity: { id: '1' },
    });
  });

  it('finds an event that comes later', async () => {
    const inspector = await start();
    const byName = inspector.waitForEvent('later');
    const byLook = inspector.waitForEvent(({ identity }) => identity.id === '2');
    await post(inspector);
    expect(await isPending(byName)).toBe(true);
    await post(inspector, { ...named('later'), identity: { id: '2' } });
    expect(await byName).toEqual(await byLook);
  });

  it('finds a number of events', async () => {
    const inspector = await start();
    await post(inspector, named('one'));
    const both = inspector.waitForEvents(2);
    expect(await isPending(both)).toBe(true);
    await post(inspector, named('two'));
    expect((await both).map(({ name }) => name)).toEqual(['one', 'two']);
    expect(await inspector.waitForEvents(1)).toHaveLength(2);
  });

  it('ends with what came instead', async () => {
    const inspector = await start();
    await post(inspector);
    await post(inspector, { ...SIGN_UP, data: [] });
    await expect(inspector.waitForEvent('add_to_cart', { timeoutMs: 1 })).rejects.toThrow(
      'After 1 ms there is no event "add_to_cart". Received: "user_signed_up". ' +
        'Last refused: Bad request: data must be an object.',
    );
    await expect(inspector.waitForEvent(() => false, { timeoutMs: 1 })).rejects.toThrow('no such event');
    await expect(inspector.waitForEvents(2, { timeoutMs: 1 })).rejects.toThrow('fewer than 2 events');
  });

  it('refuses a limit that timers do not keep', async () => {
    const inspector = await start();
    for (const timeoutMs of [-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31]) {
      await expect(inspector.waitForEvent('x', { timeoutMs })).rejects.toThrow(RangeError);
    }
  });

  it('fails with its own predicate, and nothing else does', async () => {
    const inspector = await start();
    const waiting = inspector.waitForEvent(() => {
      throw new Error('a bad predicate');
    });
    const other = inspector.waitForEvent('user_signed_up');
    const failure = expect(waiting).rejects.toThrow('a bad predicate');
    expect((await post(inspector)).status).toBe(200);
    await failure;
    await other;
  });

  it('ends when the inspector closes', async () => {
    const inspector = await start();
    await post(inspector);
    const waiting = expect(inspector.waitForEvent('never')).rejects.toThrow('closed');
    await inspector.close();
    await waiting;
    await expect(inspector.waitForEvents(2)).rejects.toThrow('closed');
    expect(await inspector.waitForEvent('user_signed_up')).toEqual(inspector.events()[0]);
  });
});

describe('deduplication', () => {
  const cart = (change: object = {}) => ({
    ...named('Added Item'),
    data: { item: 'Blue shoes', size: { eu: 42, us: 9 } },
    ...change,
  });

  it('is off unless asked for', async () => {
    const inspector = await start();
    await post(inspector);
    await post(inspector);
    expect([inspector.events().length, inspector.duplicates().length]).toEqual([2, 0]);
  });

  it('drops what looks the same, and answers as if it did not', async () => {
    const inspector = await start({ dedupe: { windowMs: 60_000 } });
    await post(inspector, cart());
    for (const change of [
      {},
      { event_name: 'added_item' },
      { event_name: 'ADDED  item' },
      { data: { size: { us: 9, eu: 42 }, item: 'Blue shoes' } },
      { identity: { id: '1', plan: 'pro' }, extras: { created_at: '2026-01-31' } },
    ]) {
      const response = await post(inspector, cart(change));
      expect(await response.json()).toEqual({ status: 200, message: 'Success.' });
    }
    expect([inspector.events().length, inspector.duplicates().length]).toEqual([1, 5]);
    expect(inspector.duplicates()[1]).toMatchObject({ name: 'added_item', credential: '…0042' });
  });

  it('keeps what differs in credential, name, user or data', async () => {
    const inspector = await start({ dedupe: { windowMs: 60_000 } });
    await post(inspector, cart());
    await post(inspector, cart({ auth_token: 'tok_secret_other' }));
    await post(inspector, cart({ event_name: 'removed item' }));
    await post(inspector, cart({ identity: { id: '2' } }));
    await post(inspector, cart({ data: { item: 'Red shoes' } }));
    await post(inspector, cart({ data: undefined }));
    expect([inspector.events().length, inspector.duplicates().length]).toEqual([6, 0]);
  });

  it('counts the window from the event that was kept', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 });
    const inspector = await start({ dedupe: { windowMs: 1_000 } });
    await post(inspector);
    vi.setSystemTime(1_000_999);
    await post(inspector);
    vi.setSystemTime(1_001_000);
    await post(inspector);
    expect(inspector.events().map(({ receivedAt }) => receivedAt.getTime())).toEqual([1_000_000, 1_001_000]);
  });

  it('sees the retry after a lost answer', async () => {
    const inspector = await start({ dedupe: { windowMs: 60_000 } });
    inspector.failNext('accept-then-drop');
    await post(inspector).catch(() => undefined);
    await post(inspector);
    expect([inspector.events().length, inspector.duplicates().length]).toEqual([1, 1]);
  });
});

describe('closing', () => {
  it('ends idle and half-sent connections at once, as often as it is asked', async () => {
    const inspector = await start();
    const port = Number(new URL(inspector.url).port);
    const sockets = [
      '',
      'POST /api/v2/events/track HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{',
    ].map((text) => {
      const socket = connect(port, '127.0.0.1').on('error', () => {});
      socket.write(text);
      return socket.resume();
    });
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    await post(inspector);
    const ended = Promise.all(sockets.map((socket) => once(socket, 'close')));
    const first = inspector.close();
    expect(inspector.close()).toBe(first);
    await first;
    await inspector[Symbol.asyncDispose]();
    await ended;
    await expect(post(inspector)).rejects.toThrow();
    expect(inspector.events()).toHaveLength(1);
  });
});
