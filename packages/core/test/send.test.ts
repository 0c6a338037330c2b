import { afterEach, describe, expect, it, vi } from 'vitest';
import { type DeliveryError, InvalidEventError, type Vero, VeroError } from '../src/index.ts';
import { deferred, JANE, makeClient } from './clients.ts';
import { fakeVero, nobodyThere } from './fake-vero.ts';

afterEach(() => vi.restoreAllMocks());

const event = { identity: JANE };
const failing = async (sending: Promise<void>): Promise<DeliveryError> => {
  const thrown = await sending.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(VeroError);
  return thrown as DeliveryError;
};
/** The backoff of `send` is not an option: without jitter it would be slow. */
const atOnce = (): void => void vi.spyOn(Math, 'random').mockReturnValue(0.001);

describe('send', () => {
  it('resolves when Vero has the event', async () => {
    const server = await fakeVero();
    const { vero, told } = makeClient({ baseUrl: server.url });
    expect(await vero.send('signed_up', { ...event, data: { plan: 'pro' } })).toBeUndefined();
    expect(server.requests[0]?.body).toMatchObject({
      event_name: 'signed_up',
      identity: JANE,
      data: { plan: 'pro' },
    });
    expect(vero.stats()).toMatchObject({ accepted: 1, delivered: 1 });
    expect(told.delivered).toMatchObject([{ event: { name: 'signed_up' }, attempts: 1 }]);
  });

  it('rejects with the status when Vero refuses the event', async () => {
    const server = await fakeVero({ status: 422, body: 'identity is missing' });
    const { vero, told } = makeClient({ baseUrl: server.url });
    const error = await failing(vero.send('n', { ...event, eventId: 'e-1' }));
    expect(error).toMatchObject({ name: 'DeliveryError', code: 'VERO_DELIVERY', status: 422, attempts: 1 });
    expect(error.event).toMatchObject({ id: 'e-1', name: 'n' });
    expect(vero.stats()).toMatchObject({ accepted: 1, rejected: 1 });
    expect(told.rejected).toHaveLength(1);
    // Its caller knows, so it is kept nowhere else.
    expect(vero.deadLetters.list()).toEqual([]);
  });

  it.each([
    ['a 500', 500 as const],
    ['a connection that was cut', 'drop' as const],
    ['a 429', 429 as const],
  ])('tries again after %s', async (_what, answer) => {
    atOnce();
    const server = await fakeVero([answer, answer, 200]);
    const { vero, told } = makeClient({ baseUrl: server.url });
    await vero.send('n', event);
    expect(new Set(server.requests.map(({ text }) => text)).size).toBe(1);
    expect(told.delivered[0]?.attempts).toBe(3);
  });

  it('gives up after three attempts, with what the last one said', async () => {
    atOnce();
    const server = await fakeVero([500, 502, 503, 200]);
    const { vero, told } = makeClient({ baseUrl: server.url });
    expect(await failing(vero.send('n', event))).toMatchObject({ status: 503, attempts: 3 });
    expect(server.requests).toHaveLength(3);
    expect(told.dropped).toMatchObject([{ reason: 'send-failed' }]);
  });

  it('asks a function for another token after a 401', async () => {
    atOnce();
    const server = await fakeVero(({ body }) => (body.auth_token === 'tok_secret_1' ? 200 : 401));
    let asked = 0;
    const { vero } = makeClient({ baseUrl: server.url, authToken: () => `tok_secret_${asked++}` });
    await vero.send('n', event);
    expect(asked).toBe(2);
  });

  it.each([403, 404, 302])('does not try again after %i', async (status) => {
    const server = await fakeVero(status);
    const { vero } = makeClient({ baseUrl: server.url });
    expect(await failing(vero.send('n', event))).toMatchObject({ status, attempts: 1 });
    expect(server.requests).toHaveLength(1);
  });

  it('rejects at once when Vero asks for more patience than it has', async () => {
    const server = await fakeVero({ status: 429, headers: { 'retry-after': '60' } });
    const { vero } = makeClient({ baseUrl: server.url });
    const started = Date.now();
    const error = await failing(vero.send('n', event, { timeoutMs: 5_000 }));
    expect(error).toMatchObject({ status: 429, retryAfterMs: 60_000 });
    expect(Date.now() - started).toBeLessThan(2_000);
  });

  it('takes no longer than timeoutMs for everything', async () => {
    const server = await fakeVero('hang');
    const { vero } = makeClient({ baseUrl: server.url, delivery: { timeoutMs: 60_000 } });
    const started = Date.now();
    const error = await failing(vero.send('n', event, { timeoutMs: 80 }));
    expect(error.message).toMatch(/^Vero could not be reached: no answer within \d+ ms$/);
    expect(Date.now() - started).toBeLessThan(1_000);
    await server.requests[0]?.abandoned;
  });

  it('rejects when nobody is there', async () => {
    atOnce();
    const { vero } = makeClient({ baseUrl: await nobodyThere() });
    const error = await failing(vero.send('n', event));
    expect(error.message).toContain('ECONNREFUSED');
    expect(error.status).toBeUndefined();
  });

  it('rejects at once while delivery is paused, and says why', async () => {
    const server = await fakeVero(401);
    const { vero, until } = makeClient({
      baseUrl: server.url,
      delivery: { retry: { baseMs: 60_000, maxMs: 60_000 } },
    });
    vi.spyOn(Math, 'random').mockReturnValue(1);
    vero.track('queued', event);
    await until('paused');
    const error = await failing(vero.send('n', event));
    expect(error).toMatchObject({ code: 'VERO_PAUSED', name: 'DeliveryError', attempts: 0 });
    expect(error.message).toContain('unauthorized');
    expect(server.names).toEqual(['queued']);
    expect(vero.stats()).toMatchObject({ accepted: 1, pending: 1 });
  });

  it('does not wait behind the queue', async () => {
    const server = await fakeVero(({ body }) => (body.event_name === 'now' ? 200 : 'hang'));
    const { vero } = makeClient({ baseUrl: server.url, delivery: { concurrency: 1 } });
    for (let n = 0; n < 50; n++) vero.track('queued', event);
    await server.received(1);
    await vero.send('now', event);
    expect(vero.stats()).toMatchObject({ pending: 50, delivered: 1 });
  });

  it('rejects an event that is wrong, or of nobody', async () => {
    const { vero, told } = makeClient();
    const invalid = await failing(vero.send('', { identity: { id: '' } }));
    expect(invalid).toBeInstanceOf(InvalidEventError);
    expect((invalid as unknown as InvalidEventError).issues.map(({ path }) => path)).toEqual([
      'name',
      'identity.id',
    ]);
    expect(await failing(vero.send('n'))).toMatchObject({ code: 'VERO_NO_IDENTITY' });
    expect(await failing(vero.send('n', { identity: null }))).toMatchObject({ code: 'VERO_NO_IDENTITY' });
    expect(vero.stats()).toMatchObject({ accepted: 0, skipped: { 'no-identity': 2 } });
    expect(told.skipped).toHaveLength(2);
  });

  it('rejects what beforeAccept refuses and what beforeSend vetoes', async () => {
    const refusing = makeClient({ beforeAccept: () => null });
    expect(await failing(refusing.vero.send('n', event))).toMatchObject({ code: 'VERO_NOT_SENT' });
    expect(refusing.vero.stats()).toMatchObject({ accepted: 0, skipped: { refused: 1 } });
    const vetoing = makeClient({ beforeSend: () => false });
    expect(await failing(vetoing.vero.send('n', event))).toMatchObject({ code: 'VERO_NOT_SENT' });
    const failingHook = makeClient({ beforeSend: () => Promise.reject(new Error('down')) });
    expect(await failing(failingHook.vero.send('n', event))).toMatchObject({ code: 'VERO_CALLBACK_FAILED' });
  });

  it('rejects an event whose id waits already', async () => {
    const server = await fakeVero('hang');
    const { vero } = makeClient({ baseUrl: server.url });
    vero.track('n', { ...event, eventId: 'e-1' });
    expect(await failing(vero.send('n', { ...event, eventId: 'e-1' }))).toMatchObject({
      code: 'VERO_NOT_SENT',
    });
    expect(vero.stats()).toMatchObject({ accepted: 1, pending: 1, skipped: { duplicate: 1 } });
  });

  it('takes the identity of the scope', async () => {
    const server = await fakeVero();
    const { vero } = makeClient({ baseUrl: server.url });
    await vero.run({ identity: { id: '7' } }, () => vero.send('n'));
    expect(server.requests[0]?.body.identity).toEqual({ id: '7' });
  });

  it('rejects options that can not be read, like anything that is wrong with an event', async () => {
    const { vero } = makeClient();
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const options of [proxy, null, 7, 'x']) {
      expect(await failing(vero.send('n', options as never))).toMatchObject({ code: 'VERO_INVALID_EVENT' });
    }
    expect(await failing(vero.send(Symbol('n') as never, {}))).toMatchObject({ code: 'VERO_INVALID_EVENT' });
  });
});

describe('send on a client that closes', () => {
  const closed = async (vero: Vero): Promise<void> => void (await vero.close({ timeout: 0 }));

  it('rejects after close', async () => {
    const server = await fakeVero();
    const { vero } = makeClient({ baseUrl: server.url });
    await vero.close();
    expect(await failing(vero.send('n', event))).toMatchObject({ code: 'VERO_NOT_SENT' });
    expect(server.requests).toHaveLength(0);
    expect(vero.stats().accepted).toBe(0);
  });

  it('rejects when its attempt was under way', async () => {
    const server = await fakeVero('hang');
    const { vero, told } = makeClient({ baseUrl: server.url });
    const sending = failing(vero.send('n', event));
    await server.received(1);
    await closed(vero);
    expect(await sending).toMatchObject({ code: 'VERO_DELIVERY' });
    expect(told.dropped).toMatchObject([{ reason: 'closed' }]);
  });

  it('is waited for by close', async () => {
    const gate = deferred();
    const server = await fakeVero({ status: 200, after: gate.promise });
    const { vero } = makeClient({ baseUrl: server.url });
    const sending = vero.send('n', event);
    await server.received(1);
    const closing = vero.close();
    gate.resolve();
    await sending;
    expect(await closing).toMatchObject({ delivered: 1, pending: 0 });
  });

  it('makes no further attempt, when it waited for its next', async () => {
    let attempts = 0;
    const answered = deferred();
    const { vero } = makeClient({
      transport: {
        send: async () => {
          attempts++;
          answered.resolve();
          return { status: 500 };
        },
      },
    });
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const sending = failing(vero.send('n', event));
    await answered.promise;
    await new Promise((resolve) => setImmediate(resolve));
    await closed(vero);
    expect(await sending).toMatchObject({ code: 'VERO_NOT_SENT' });
    expect(attempts).toBe(1);
  });

  it('makes no attempt, when it waited for beforeSend', async () => {
    const server = await fakeVero();
    const consent = deferred<boolean>();
    const asked = deferred();
    const { vero } = makeClient({
      baseUrl: server.url,
      beforeSend: () => {
        asked.resolve();
        return consent.promise;
      },
    });
    const sending = failing(vero.send('n', event));
    await asked.promise;
    await closed(vero);
    consent.resolve(true);
    expect(await sending).toMatchObject({ code: 'VERO_NOT_SENT' });
    expect(server.requests).toHaveLength(0);
  });
});
