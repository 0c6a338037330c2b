import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SendCandidate } from '../src/index.ts';
import { deferred, expectNoCredential, JANE, makeClient, TOKEN } from './clients.ts';
import { passTime } from './clock.ts';
import { type Answer, fakeVero, nobodyThere } from './fake-vero.ts';

afterEach(() => vi.restoreAllMocks());

const event = { identity: JANE, data: { item_name: 'Blue shoes' } };

describe('an event that Vero takes', () => {
  it('is posted to the Events API as JSON, with the token in the body and nowhere else', async () => {
    const server = await fakeVero();
    const { vero, until } = makeClient({ baseUrl: server.url });
    const before = Date.now();
    vero.track('add_to_cart', event);
    const [told] = await until('delivered');
    const [request] = await server.received(1);
    expect(request).toMatchObject({ method: 'POST', url: '/api/v2/events/track' });
    expect(request?.headers['content-type']).toBe('application/json');
    expectNoCredential(request?.url, request?.headers);
    const { auth_token, extras, ...rest } = request?.body ?? {};
    expect(auth_token === TOKEN).toBe(true);
    expect(rest).toEqual({ event_name: 'add_to_cart', identity: JANE, data: { item_name: 'Blue shoes' } });
    expect(Date.parse(extras.created_at)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(extras.created_at)).toBeLessThanOrEqual(Date.now());
    expect(told).toMatchObject({ event: { name: 'add_to_cart' }, attempts: 1, possiblyDuplicate: false });
    expect(vero.stats()).toMatchObject({
      accepted: 1,
      delivered: 1,
      pending: 0,
      retries: 0,
      oldestPendingMs: undefined,
    });
  });

  it.each([200, 201, 202, 204, 205, 299])('is delivered when the answer is %i', async (status) => {
    const server = await fakeVero(status);
    const { vero } = makeClient({ baseUrl: server.url });
    vero.track('signed_up', event);
    expect(await vero.flush()).toMatchObject({
      delivered: 1,
      rejected: 0,
      dropped: 0,
      handedOver: 0,
      pending: 0,
    });
  });

  it('says development_mode, its source and its own when and conversion', async () => {
    const server = await fakeVero();
    const { vero } = makeClient({ baseUrl: server.url, developmentMode: true, source: 'shop' });
    vero.track('a', { ...event, createdAt: new Date(0), conversionId: 'c-1' });
    vero.track('b', { ...event, createdAt: 0, source: 'job' });
    await vero.flush();
    expect(server.requests.map(({ body }) => [body.development_mode, body.extras])).toEqual([
      [true, { created_at: '1970-01-01T00:00:00.000Z', source: 'shop', vero_conv: 'c-1' }],
      [true, { created_at: '1970-01-01T00:00:00.000Z', source: 'job' }],
    ]);
  });

  it('has its id in its data when it is unique, for the client or by itself', async () => {
    const server = await fakeVero();
    const one = makeClient({ baseUrl: server.url, unique: true });
    one.vero.track('a', { ...event, eventId: 'e-1' });
    one.vero.track('b', { identity: JANE, eventId: 'e-2', unique: false });
    await one.vero.flush();
    const two = makeClient({ baseUrl: server.url });
    two.vero.track('c', { identity: JANE, unique: true });
    await two.vero.flush();
    const [a, b, c] = server.requests.map(({ body }) => body.data);
    expect(a).toEqual({ item_name: 'Blue shoes', _event_id: 'e-1' });
    expect(b).toBeUndefined();
    expect(c._event_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(two.told.delivered[0]?.event.eventId).toBe(c._event_id);
  });

  it('is what its caller gave when it was tracked, whatever happens to that later', async () => {
    const server = await fakeVero();
    const { vero } = makeClient({ baseUrl: server.url });
    const identity = { id: '1', tags: ['a'] };
    const data = { items: [{ price: 1 }] };
    vero.track('n', { identity, data });
    identity.tags.push('b');
    data.items[0] = { price: 2 };
    await vero.flush();
    expect(server.requests[0]?.body).toMatchObject({
      identity: { tags: ['a'] },
      data: { items: [{ price: 1 }] },
    });
  });

  it('is told as a duplicate, and not accepted, while an event with its id waits', async () => {
    const server = await fakeVero();
    const { vero, told } = makeClient({ baseUrl: server.url });
    vero.track('a', { ...event, eventId: 'e-1' });
    vero.track('a', { ...event, eventId: 'e-1' });
    await vero.flush();
    expect(told.skipped).toEqual([{ name: 'a', reason: 'duplicate', route: undefined }]);
    vero.track('a', { ...event, eventId: 'e-1' });
    await vero.flush();
    expect(vero.stats()).toMatchObject({ accepted: 2, delivered: 2 });
  });
});

describe('an attempt that failed', () => {
  const again: readonly (readonly [string, Answer])[] = [
    ['408', 408],
    ['425', 425],
    ['429', 429],
    ['500', 500],
    ['502', 502],
    ['503', 503],
    ['504', 504],
    ['599', 599],
    ['a connection that was cut', 'drop'],
  ];
  it.each(again)('is made again after %s, with the same bytes', async (_what, answer) => {
    const server = await fakeVero([answer, answer, 200]);
    const { vero, told } = makeClient({ baseUrl: server.url });
    vero.track('add_to_cart', { ...event, data: { text: 'é🎉', price: 40.0 } });
    expect(await vero.flush()).toMatchObject({ delivered: 1, pending: 0 });
    expect(new Set(server.requests.map(({ text }) => text)).size).toBe(1);
    expect(server.requests).toHaveLength(3);
    expect(told.retrying).toHaveLength(2);
    expect(told.retrying[0]?.event).toEqual(told.delivered[0]?.event);
    if (typeof answer === 'number')
      expect(told.retrying[0]?.error).toMatchObject({ status: answer, code: 'VERO_DELIVERY' });
    else expect(told.retrying[0]?.error.status).toBeUndefined();
    expect(vero.stats().retries).toBe(2);
  });

  it('is made again when no answer came in time', async () => {
    const server = await fakeVero(['hang', 200]);
    const { vero, told } = makeClient({
      baseUrl: server.url,
      delivery: { timeoutMs: 500, retry: { baseMs: 1 } },
    });
    vero.track('n', event);
    await vero.flush();
    expect(told.retrying[0]?.error.message).toBe('Vero could not be reached: no answer within 500 ms');
    expect(told.delivered[0]?.attempts).toBe(2);
    // The abandoned connection was closed, not kept.
    await server.requests[0]?.abandoned;
  });

  it('counts for the event, and says so', async () => {
    const server = await fakeVero([500, 500, 200]);
    const { vero, told } = makeClient({ baseUrl: server.url });
    vero.track('n', event);
    await vero.flush();
    expect(told.retrying.map(({ error }) => error.attempts)).toEqual([1, 2]);
    expect(told.delivered[0]).toMatchObject({ attempts: 3, possiblyDuplicate: false });
    for (const { delayMs } of told.retrying) expect(delayMs).toBeGreaterThan(0);
  });

  it('is the last after maxAttempts: a dead letter, told as dropped', async () => {
    const server = await fakeVero(500);
    const { vero, told } = makeClient({
      baseUrl: server.url,
      delivery: { retry: { baseMs: 1, maxAttempts: 3 } },
    });
    vero.track('n', { ...event, eventId: 'e-1' });
    expect(await vero.flush()).toMatchObject({ dropped: 1, pending: 0 });
    expect(server.requests).toHaveLength(3);
    expect(told.dropped).toMatchObject([{ event: { eventId: 'e-1' }, reason: 'max-attempts' }]);
    expect(vero.deadLetters.list()).toMatchObject([
      { record: { id: 'e-1', attempts: 2 }, reason: 'Vero answered 500: {"status":500}' },
    ]);
  });

  it('is the last when the event is older than maxAgeMs', async () => {
    const server = await fakeVero(() => {
      passTime(61_000);
      return 500;
    });
    const { vero, told } = makeClient({
      baseUrl: server.url,
      delivery: { retry: { baseMs: 1, maxAgeMs: 60_000 } },
    });
    vero.track('n', event);
    await vero.flush();
    expect(told.dropped).toMatchObject([{ reason: 'expired' }]);
    expect(server.requests).toHaveLength(1);
    expect(vero.deadLetters.list()).toHaveLength(1);
  });

  it.each([
    ['drop' as const, true],
    [502, true],
    [500, false],
  ])('makes a late delivery a possible duplicate after %s: %s', async (answer, possiblyDuplicate) => {
    const server = await fakeVero((_request, index) => {
      if (index === 0) return answer;
      passTime(200_000);
      return 200;
    });
    const { vero, until } = makeClient({ baseUrl: server.url });
    vero.track('n', event);
    expect((await until('delivered'))[0]).toMatchObject({ attempts: 2, possiblyDuplicate });
  });

  it('is made again inside the deduplication window of Vero when its fate is unknown', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const server = await fakeVero(['drop', 200]);
    const { vero, until } = makeClient({
      baseUrl: server.url,
      delivery: { retry: { baseMs: 1_000_000, maxMs: 2_000_000 } },
    });
    vero.track('n', event);
    const [retrying] = await until('retrying');
    expect(retrying?.delayMs).toBeLessThanOrEqual(150_000);
    expect(retrying?.delayMs).toBeGreaterThan(140_000);
  });
});

describe('an event that Vero refuses', () => {
  it.each([400, 402, 405, 409, 410, 413, 415, 422, 451, 499])(
    'is rejected after %i, at once',
    async (status) => {
      const server = await fakeVero({ status, body: ' event_name is missing\n' });
      const { vero, told } = makeClient({ baseUrl: server.url });
      vero.track('n', { ...event, eventId: 'e-1' });
      expect(await vero.flush()).toMatchObject({ rejected: 1, pending: 0 });
      expect(server.requests).toHaveLength(1);
      const [{ error } = { error: undefined }] = told.rejected;
      expect(error).toMatchObject({ status, attempts: 1, event: { id: 'e-1' } });
      expect(error?.message).toBe(`Vero answered ${status}: event_name is missing`);
      expect(vero.deadLetters.list()).toMatchObject([
        { reason: error?.message, record: { id: 'e-1', name: 'n' } },
      ]);
    },
  );

  it('is a dead letter without the credential, which can be replayed', async () => {
    const server = await fakeVero([400, 200]);
    const { vero } = makeClient({ baseUrl: server.url });
    vero.track('n', event);
    await vero.flush();
    expectNoCredential(vero.deadLetters.list(), vero.deadLetters.export());
    expect(await vero.deadLetters.replay()).toEqual({ replayed: 1 });
    await server.received(2);
    await vero.flush();
    expect(server.requests[1]?.text === server.requests[0]?.text).toBe(true);
    expect(vero.stats()).toMatchObject({ accepted: 1, rejected: 1, taken: 1, delivered: 1 });
  });

  it('is among the dead letters when it is told', async () => {
    const server = await fakeVero(400);
    const { vero } = makeClient({ baseUrl: server.url });
    const seen: unknown[] = [];
    vero.on('rejected', () => seen.push(vero.deadLetters.list()));
    vero.track('n', event);
    await vero.flush();
    expect(seen).toEqual([[expect.objectContaining({ reason: expect.stringContaining('400') })]]);
  });

  it.each([
    ['rejected', 400],
    ['delivered', 200],
  ] as const)('may be tracked again with its id by a listener of %s', async (name, status) => {
    const server = await fakeVero([status, 200]);
    const { vero } = makeClient({ baseUrl: server.url });
    const off = vero.on(name, () => {
      off();
      vero.track('again', { ...event, eventId: 'e-1' });
    });
    vero.track('n', { ...event, eventId: 'e-1' });
    expect(await vero.flush({ timeout: 2_000 })).toMatchObject({ pending: 0 });
    expect(server.names).toEqual(['n', 'again']);
  });
});

describe('several events', () => {
  it('are sent up to delivery.concurrency at once', async () => {
    const gate = deferred();
    const server = await fakeVero({ status: 200, after: gate.promise });
    const { vero } = makeClient({ baseUrl: server.url, delivery: { concurrency: 3 } });
    for (let n = 0; n < 8; n++) vero.track(`e${n}`, event);
    await server.received(3);
    // Whatever else would be sent has had its chance by the time that another client's event is through.
    const other = makeClient({ baseUrl: (await fakeVero()).url });
    await other.vero.send('other', event);
    expect(server.names).toEqual(['e0', 'e1', 'e2']);
    expect(vero.stats().pending).toBe(8);
    gate.resolve();
    expect(await vero.flush()).toMatchObject({ delivered: 8 });
  });

  it('do not wait for one that hangs or fails', async () => {
    const server = await fakeVero(({ body }) => {
      if (body.event_name === 'slow') return 'hang';
      return body.event_name === 'bad' ? 500 : 200;
    });
    const { vero, until } = makeClient({ baseUrl: server.url, delivery: { concurrency: 4 } });
    vero.track('slow', event);
    vero.track('bad', event);
    for (let n = 0; n < 10; n++) vero.track(`good${n}`, event);
    const delivered = await until('delivered', 10);
    expect(delivered.map(({ event: { name } }) => name).sort()).toEqual(
      Array.from({ length: 10 }, (_, n) => `good${n}`),
    );
    expect(vero.stats()).toMatchObject({ pending: 2, paused: undefined });
  });

  it('come in the order in which they were tracked, one at a time', async () => {
    const server = await fakeVero();
    const { vero } = makeClient({ baseUrl: server.url, delivery: { concurrency: 1 } });
    const names = Array.from({ length: 20 }, (_, n) => `e${n}`);
    for (const name of names) vero.track(name, event);
    await vero.flush();
    expect(server.names).toEqual(names);
  });
});

describe('beforeSend', () => {
  it('gets the event, without the credential, at its first attempt only', async () => {
    const server = await fakeVero([500, 200]);
    const asked: SendCandidate[] = [];
    const { vero, told } = makeClient({
      baseUrl: server.url,
      beforeSend: (candidate) => asked.push(candidate) > 0,
    });
    vero.track('n', { ...event, eventId: 'e-1' });
    await vero.flush();
    expect(asked).toEqual([
      {
        name: 'n',
        eventId: 'e-1',
        acceptedAt: told.delivered[0]?.event.acceptedAt,
        identity: JANE,
        data: event.data,
      },
    ]);
    expectNoCredential(asked);
  });

  it.each([[() => false], [async () => false]])('drops an event that it vetoes', async (beforeSend) => {
    const server = await fakeVero();
    const { vero, told } = makeClient({ baseUrl: server.url, beforeSend });
    vero.track('n', event);
    expect(await vero.flush()).toMatchObject({ dropped: 1 });
    expect(told.dropped).toMatchObject([{ reason: 'vetoed' }]);
    expect(server.requests).toHaveLength(0);
    expect(vero.deadLetters.list()).toEqual([]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no consent service');
      },
      'beforeSend failed: no consent service',
    ],
    ['rejects', () => Promise.reject(new Error('down')), 'beforeSend failed: down'],
    ['gives no answer', () => undefined, 'beforeSend failed: it must answer true or false'],
  ])('is asked again later when it %s, and the event waits', async (_what, fail, message) => {
    const server = await fakeVero();
    let asked = 0;
    const beforeSend = () => (asked++ === 0 ? (fail() as never) : true);
    const { vero, told } = makeClient({ baseUrl: server.url, beforeSend });
    vero.track('n', event);
    expect(await vero.flush()).toMatchObject({ delivered: 1 });
    expect(
      told.error.map(({ error, callback, name }) => [error.code, error.message, callback, name]),
    ).toEqual([['VERO_CALLBACK_FAILED', message, 'beforeSend', 'n']]);
    expect(asked).toBe(2);
    expect(told.delivered[0]?.attempts).toBe(1);
  });
});

describe('a Vero that is not there', () => {
  it('keeps the event, and delivery goes on when it is back', async () => {
    const baseUrl = await nobodyThere();
    const { vero, until } = makeClient({ baseUrl });
    vero.track('n', event);
    const [retrying] = await until('retrying');
    expect(retrying?.error.message).toMatch(/^Vero could not be reached: .*ECONNREFUSED/);
    expect(retrying?.error.cause).toMatchObject({ code: 'ECONNREFUSED' });
    expect(vero.stats()).toMatchObject({ pending: 1 });
    await fakeVero(200, Number(new URL(baseUrl).port));
    expect(await vero.flush()).toMatchObject({ delivered: 1, pending: 0 });
  });
});
