import { afterEach, describe, expect, it, vi } from 'vitest';
import { deferred, JANE, makeClient } from './clients.ts';
import { type Answer, fakeVero } from './fake-vero.ts';

afterEach(() => vi.restoreAllMocks());

const event = { identity: JANE };
const names = (count: number): string[] => Array.from({ length: count }, (_, n) => `e${n}`);

describe('a Vero that is down', () => {
  it('pauses delivery after five different events failed in a row, probes with one, and resumes', async () => {
    const server = await fakeVero(500);
    const { vero, told, until } = makeClient({
      baseUrl: server.url,
      delivery: { concurrency: 5, retry: { baseMs: 40, maxMs: 80 } },
    });
    for (const name of names(12)) vero.track(name, event);
    const [paused] = await until('paused');
    expect(paused).toMatchObject({ reason: 'unreachable', error: { status: 500 } });
    expect(vero.stats().paused).toBe('unreachable');
    expect(vero.health()).toMatchObject({
      ok: false,
      reasons: ['delivery is paused: unreachable'],
      paused: 'unreachable',
    });
    // Five failed, and up to four were under way.
    await until('retrying', 9);
    // Everything but the probe waits, and the events that were never tried have lost no attempt.
    let atOnce = 0;
    let most = 0;
    const three = deferred();
    server.answer(async (_request, index) => {
      most = Math.max(most, ++atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      atOnce--;
      if (index >= 8) three.resolve();
      return 500;
    });
    await three.promise;
    expect(most).toBe(1);
    server.answer(200);
    expect(await vero.flush()).toMatchObject({ pending: 0 });
    expect(told.delivered).toHaveLength(12);
    expect(told.paused).toHaveLength(1);
    expect(told.resumed).toEqual([{ reason: 'unreachable' }]);
    expect(told.delivered.filter(({ attempts }) => attempts === 1).length).toBeGreaterThanOrEqual(3);
    expect(vero.health()).toMatchObject({ ok: true, reasons: [] });
  });

  it('lets what comes while nothing else waits go out when the pause is over', async () => {
    const server = await fakeVero(500);
    const { vero, until } = makeClient({
      baseUrl: server.url,
      delivery: { concurrency: 5, retry: { baseMs: 40, maxMs: 80, maxAttempts: 1 } },
    });
    for (const name of names(5)) vero.track(name, event);
    await until('dropped', 5);
    expect(vero.stats()).toMatchObject({ paused: 'unreachable', pending: 0 });
    server.answer(200);
    for (const name of ['a', 'b', 'c']) vero.track(name, event);
    expect(await vero.flush()).toMatchObject({ delivered: 3 });
  });

  it('does not pause for one event that fails ten times', async () => {
    const server = await fakeVero((_request, index) => (index < 10 ? 500 : 200));
    const { vero, told } = makeClient({ baseUrl: server.url, delivery: { retry: { baseMs: 1, maxMs: 1 } } });
    vero.track('n', event);
    await vero.flush();
    expect(told.paused).toEqual([]);
    expect(told.delivered[0]?.attempts).toBe(11);
  });

  it('does not pause while events in between succeed', async () => {
    const server = await fakeVero(({ body }) => (Number(body.event_name.slice(1)) % 3 === 0 ? 200 : 500));
    const { vero, told, until } = makeClient({
      baseUrl: server.url,
      delivery: { concurrency: 1, retry: { baseMs: 1_000, maxMs: 1_000 } },
    });
    vi.spyOn(Math, 'random').mockReturnValue(1);
    for (const name of names(13)) vero.track(name, event);
    await until('delivered', 5);
    expect(told.paused).toEqual([]);
    expect(told.retrying.length).toBeGreaterThanOrEqual(8);
  });
});

describe('Retry-After', () => {
  const asks: readonly (readonly [string, () => Answer])[] = [
    ['429 in seconds', () => ({ status: 429, headers: { 'retry-after': '0.15' } })],
    ['503 in seconds', () => ({ status: 503, headers: { 'retry-after': '0.15' } })],
  ];
  it.each(asks)('of a %s pauses everything for so long', async (_what, answer) => {
    const server = await fakeVero([answer(), 200]);
    const { vero, told, until } = makeClient({
      baseUrl: server.url,
      delivery: { concurrency: 1, retry: { baseMs: 1, maxMs: 60_000 } },
    });
    for (const name of names(3)) vero.track(name, event);
    const [paused] = await until('paused');
    expect(paused).toMatchObject({ reason: 'retry-after', error: { retryAfterMs: 150 } });
    expect(paused?.retryInMs).toBeGreaterThanOrEqual(150);
    expect(await vero.flush()).toMatchObject({ delivered: 3 });
    const [asked, next] = server.requests;
    // Timers may be a millisecond early.
    expect((next?.at ?? 0) - (asked?.at ?? 0)).toBeGreaterThanOrEqual(148);
    expect(told.resumed).toEqual([{ reason: 'retry-after' }]);
    expect(told.delivered.map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
  });

  it.each([429, 503])('of a %i may be a date, and is obeyed up to maxMs', async (status) => {
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    const server = await fakeVero([{ status, headers: { 'retry-after': date } }, 200]);
    const { vero, told } = makeClient({ baseUrl: server.url, delivery: { retry: { baseMs: 1, maxMs: 50 } } });
    vero.track('n', event);
    await vero.flush();
    expect(told.paused[0]?.retryInMs).toBeLessThanOrEqual(100);
    expect(told.paused[0]?.retryInMs).toBeGreaterThanOrEqual(50);
    expect(told.retrying[0]?.error.retryAfterMs).toBeGreaterThan(3_500_000);
  });

  it('is what a 503 needs to pause; a 429 pauses without', async () => {
    const server = await fakeVero([503, 429, 200]);
    const { vero, told } = makeClient({ baseUrl: server.url });
    vero.track('n', event);
    await vero.flush();
    expect(told.retrying.map(({ error }) => error.status)).toEqual([503, 429]);
    expect(told.paused).toMatchObject([{ reason: 'retry-after', error: { status: 429 } }]);
  });

  it('holds although an attempt that was under way succeeds', async () => {
    const paused = deferred();
    const server = await fakeVero(({ body }): Answer => {
      if (body.event_name === 'e0') return { status: 200, after: paused.promise };
      return body.event_name === 'e1' && server.requests.length <= 2
        ? { status: 429, headers: { 'retry-after': '0.2' } }
        : 200;
    });
    const { vero, until } = makeClient({
      baseUrl: server.url,
      delivery: { concurrency: 2, retry: { baseMs: 1, maxMs: 60_000 } },
    });
    for (const name of names(4)) vero.track(name, event);
    await until('paused');
    paused.resolve();
    await until('delivered');
    expect(vero.stats().paused).toBe('retry-after');
    await vero.flush();
    const asked = server.requests.find(({ body }) => body.event_name === 'e1');
    expect((server.requests[2]?.at ?? 0) - (asked?.at ?? 0)).toBeGreaterThanOrEqual(198);
  });
});

describe('a refused token', () => {
  it('pauses, and asks a function again', async () => {
    const server = await fakeVero(({ body }) => (body.auth_token === 'tok_secret_new' ? 200 : 401));
    let asked = 0;
    const authToken = async (): Promise<string> => (asked++ === 0 ? 'tok_secret_old' : 'tok_secret_new');
    const { vero, told } = makeClient({ baseUrl: server.url, authToken });
    for (const name of names(20)) vero.track(name, event);
    expect(await vero.flush()).toMatchObject({ delivered: 20, pending: 0 });
    expect(asked).toBe(2);
    expect(told.paused).toMatchObject([{ reason: 'unauthorized', error: { status: 401 } }]);
    expect(told.resumed).toEqual([{ reason: 'unauthorized' }]);
    // The bytes of each event are the same but for the token.
    for (const { text, body } of server.requests) {
      const twin = server.requests.find(
        (other) => other.body.event_name === body.event_name && other.body !== body,
      );
      if (!twin) continue;
      const bare = (request: { text: string; body: { auth_token: string } }) =>
        request.text.replace(request.body.auth_token, '');
      expect(bare(twin) === bare({ text, body })).toBe(true);
    }
    // A pause costs no attempts.
    expect(told.delivered.every(({ attempts }) => attempts === 1)).toBe(true);
  });

  it('pauses and keeps everything when it is a string, and probes now and then', async () => {
    const server = await fakeVero(401);
    const { vero, told, until } = makeClient({ baseUrl: server.url });
    for (const name of names(30)) vero.track(name, event);
    await until('paused');
    const { length } = server.requests;
    await server.received(length + 3);
    expect(vero.stats()).toMatchObject({ pending: 30, paused: 'unauthorized', dropped: 0, rejected: 0 });
    expect(told.paused).toHaveLength(1);
    server.answer(200);
    expect(await vero.flush()).toMatchObject({ delivered: 30 });
  });

  it('pauses when its function throws, rejects or gives no string, and asks it again', async () => {
    const server = await fakeVero();
    const answers = [
      () => {
        throw new Error('vault is sealed');
      },
      () => Promise.reject(new Error('vault is gone')),
      () => 7 as never,
      () => '  ',
      () => 'tok_secret_at_last',
    ];
    let asked = 0;
    const { vero, told } = makeClient({
      baseUrl: server.url,
      authToken: () => answers[asked++]?.() as string,
    });
    vero.track('n', event);
    await vero.flush();
    expect(
      told.retrying.map(({ error }) => error.message.replace('The authToken function failed: ', '')),
    ).toEqual(['vault is sealed', 'vault is gone', 'it gave no string', 'it gave no string']);
    expect(told.paused).toMatchObject([{ reason: 'unauthorized', error: { code: 'VERO_CREDENTIAL' } }]);
    expect(server.requests).toHaveLength(1);
  });

  it('asks its function once for all events', async () => {
    const server = await fakeVero();
    const authToken = vi.fn(async () => 'tok_secret_shared');
    const { vero } = makeClient({ baseUrl: server.url, authToken });
    for (const name of names(20)) vero.track(name, event);
    await vero.flush();
    expect(authToken).toHaveBeenCalledTimes(1);
  });
});

describe('a 403', () => {
  it('for one event does not stop the others, and that event is rejected once another passed', async () => {
    const server = await fakeVero(({ body }) => (body.event_name === 'disliked' ? 403 : 200));
    const { vero, told, until } = makeClient({ baseUrl: server.url });
    vero.track('disliked', event);
    await until('retrying', 2);
    expect(told.rejected).toEqual([]);
    vero.track('good', event);
    await until('delivered');
    expect(await vero.flush()).toMatchObject({ pending: 0 });
    expect(told.rejected).toMatchObject([{ event: { name: 'disliked' }, error: { status: 403 } }]);
    expect(told.paused).toEqual([]);
    expect(vero.deadLetters.list()).toMatchObject([{ record: { name: 'disliked' } }]);
  });

  it('for three different events pauses delivery, probes with different ones, and spares the good', async () => {
    const good = 'e9';
    const server = await fakeVero(({ body }) => (body.event_name === good ? 200 : 403));
    const { vero, told, until } = makeClient({
      baseUrl: server.url,
      delivery: { concurrency: 3, retry: { baseMs: 5, maxMs: 10 } },
    });
    for (const name of names(10)) vero.track(name, event);
    await until('paused');
    expect(vero.stats()).toMatchObject({ paused: 'forbidden', rejected: 0, delivered: 0 });
    expect(await vero.flush({ timeout: 4_000 })).toMatchObject({ pending: 0 });
    expect(told.delivered.map(({ event: { name } }) => name)).toEqual([good]);
    expect(told.rejected).toHaveLength(9);
    expect(told.resumed[0]).toEqual({ reason: 'forbidden' });
    expect(new Set(server.names).size).toBe(10);
  });
});

describe('a base URL that is not Vero', () => {
  it.each([301, 302, 303, 307, 308])('is noticed by a %i, which is never followed', async (status) => {
    const elsewhere = await fakeVero();
    const server = await fakeVero([
      { status, headers: { location: `${elsewhere.url}/api/v2/events/track` } },
      200,
    ]);
    const { vero, told } = makeClient({ baseUrl: server.url });
    vero.track('n', event);
    expect(await vero.flush()).toMatchObject({ delivered: 1 });
    expect(told.paused).toMatchObject([{ reason: 'misconfigured', error: { status } }]);
    expect(elsewhere.requests).toHaveLength(0);
    expect(elsewhere.connections).toBe(0);
  });

  it('is noticed by a 404, and keeps the events', async () => {
    const server = await fakeVero([404, 404, 200]);
    const { vero, told } = makeClient({ baseUrl: server.url });
    vero.track('n', event);
    expect(await vero.flush()).toMatchObject({ delivered: 1, rejected: 0 });
    expect(told.paused).toMatchObject([{ reason: 'misconfigured', error: { status: 404 } }]);
    expect(told.delivered[0]?.attempts).toBe(1);
  });

  it('is noticed by a certificate that is not to be trusted', async () => {
    const cause = Object.assign(new Error('self-signed certificate'), {
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    const { vero, until } = makeClient({
      transport: {
        send: async () => {
          throw new TypeError('fetch failed', { cause });
        },
      },
    });
    vero.track('n', event);
    const [paused] = await until('paused');
    expect(paused).toMatchObject({ reason: 'misconfigured' });
    expect(paused?.error.message).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
  });
});

describe('a pause whose reason changes', () => {
  it('is told once for each reason, and resumed from the last', async () => {
    const server = await fakeVero([404, 401, 401, 200]);
    const { vero, told } = makeClient({ baseUrl: server.url });
    vero.track('n', event);
    await vero.flush();
    expect(told.paused.map(({ reason }) => reason)).toEqual(['misconfigured', 'unauthorized']);
    expect(told.resumed).toEqual([{ reason: 'unauthorized' }]);
  });
});
