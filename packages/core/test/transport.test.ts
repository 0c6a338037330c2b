import { Agent } from 'undici';
import { describe, expect, it } from 'vitest';
import { kyTransport, type Transport } from '../src/index.ts';
import { expectNoCredential, JANE, makeClient, TOKEN } from './clients.ts';
import { fakeVero } from './fake-vero.ts';

const event = { identity: JANE };

describe('the answer of Vero', () => {
  it('is read no further than 8 KiB, and its connection is let go', async () => {
    const server = await fakeVero({ status: 400, endless: true });
    const { vero, told } = makeClient({ baseUrl: server.url });
    vero.track('n', event);
    expect(await vero.flush()).toMatchObject({ rejected: 1 });
    await server.requests[0]?.abandoned;
    expect(told.rejected[0]?.error.message).toBe(`Vero answered 400: ${'x'.repeat(300)}`);
  });

  it('may be a megabyte long', async () => {
    const server = await fakeVero({ status: 200, body: 'x'.repeat(1024 * 1024) });
    const { vero } = makeClient({ baseUrl: server.url });
    for (let n = 0; n < 5; n++) vero.track('n', event);
    expect(await vero.flush()).toMatchObject({ delivered: 5 });
  });

  it.each([
    [200, 'delivered'],
    [400, 'rejected'],
  ])('counts by its status %i although its body hangs', async (status, how) => {
    const server = await fakeVero({ status, body: '{"status":"half', hangAfter: 9 });
    const { vero } = makeClient({ baseUrl: server.url, delivery: { timeoutMs: 10_000 } });
    vero.track('n', event);
    expect(await vero.flush({ timeout: 4_000 })).toMatchObject({ [how]: 1, pending: 0 });
    expect(server.requests).toHaveLength(1);
    await server.requests[0]?.abandoned;
  });

  it('may have no body, and any status that HTTP has', async () => {
    const server = await fakeVero([204, 205, { status: 304 }, 200]);
    const { vero } = makeClient({ baseUrl: server.url, delivery: { concurrency: 1 } });
    for (let n = 0; n < 3; n++) vero.track('n', event);
    expect(await vero.flush()).toMatchObject({ delivered: 3 });
  });

  it('may have a status that HTTP has not: the event is tried again', async () => {
    const server = await fakeVero([999, 200]);
    const { vero, told } = makeClient({ baseUrl: server.url });
    vero.track('n', event);
    expect(await vero.flush()).toMatchObject({ delivered: 1 });
    expect(told.retrying).toHaveLength(1);
  });
});

describe('connections', () => {
  it('are kept alive and used again', async () => {
    const server = await fakeVero();
    const { vero } = makeClient({ baseUrl: server.url, delivery: { concurrency: 1 } });
    for (let n = 0; n < 20; n++) vero.track('n', event);
    await vero.flush();
    expect(server.connections).toBe(1);
  });

  it('are as few as told', async () => {
    const server = await fakeVero();
    const { vero } = makeClient({ baseUrl: server.url, transport: kyTransport({ connections: 2 }) });
    for (let n = 0; n < 40; n++) vero.track('n', event);
    await vero.flush();
    expect(server.connections).toBe(2);
  });

  it('are closed with the client', async () => {
    const server = await fakeVero('hang');
    const { vero } = makeClient({ baseUrl: server.url });
    vero.track('n', event);
    await server.received(1);
    await vero.close({ timeout: 0 });
    await server.requests[0]?.abandoned;
  });
});

describe('kyTransport', () => {
  const request = (url: string) => ({
    url: `${url}/api/v2/events/track`,
    body: '{"event_name":"n","identity":{"id":"1"}}',
    credential: TOKEN,
    headers: { 'content-type': 'application/json' },
    timeoutMs: 1_000,
    signal: new AbortController().signal,
  });
  const closing = async <T>(transport: Transport, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } finally {
      await transport.close?.();
    }
  };

  it('says the status, what Retry-After asked for, and the start of an answer that was no success', async () => {
    const server = await fakeVero([
      { status: 503, headers: { 'retry-after': '2' }, body: ' busy \n' },
      { status: 500, body: '' },
      200,
    ]);
    const transport = kyTransport();
    await closing(transport, async () => {
      expect(await transport.send(request(server.url))).toEqual({
        status: 503,
        retryAfterMs: 2_000,
        message: 'busy',
      });
      expect(await transport.send(request(server.url))).toEqual({
        status: 500,
        retryAfterMs: undefined,
        message: undefined,
      });
      expect(await transport.send(request(server.url))).toEqual({ status: 200 });
    });
  });

  it('shows its hooks the request without the body, and sends what they add', async () => {
    const server = await fakeVero([500, 200]);
    const seen: { url: string; body: string; headers: Headers }[] = [];
    const statuses: number[] = [];
    const transport = kyTransport({
      ky: {
        headers: { 'x-shop': 'blue', 'content-type': 'text/plain' },
        hooks: {
          beforeRequest: [
            async ({ request: { url, headers }, request: made }) => {
              seen.push({ url, headers, body: await made.clone().text() });
              made.headers.set('x-trace', 't-1');
            },
          ],
          afterResponse: [({ response }) => void statuses.push(response.status)],
        },
      },
    });
    await closing(transport, async () => {
      expect(await transport.send(request(server.url))).toMatchObject({ status: 500 });
      expect(await transport.send(request(server.url))).toMatchObject({ status: 200 });
    });
    expect(seen.map(({ body }) => body)).toEqual(['', '']);
    expectNoCredential(seen, [...(seen[0]?.headers ?? [])]);
    expect(statuses).toEqual([500, 200]);
    const [{ headers, body } = { headers: {}, body: undefined }] = server.requests;
    expect(headers).toMatchObject({ 'x-shop': 'blue', 'x-trace': 't-1', 'content-type': 'application/json' });
    expect(body.auth_token === TOKEN).toBe(true);
  });

  it('sends through a dispatcher that it was given, and leaves it open', async () => {
    const server = await fakeVero();
    const dispatcher = new Agent({ connections: 1 });
    const transport = kyTransport({ dispatcher });
    await closing(transport, () => transport.send(request(server.url)));
    expect(dispatcher.destroyed).toBe(false);
    await dispatcher.close();
    expect(server.requests).toHaveLength(1);
  });

  it('rejects when its signal is aborted, before and during the attempt', async () => {
    const server = await fakeVero('hang');
    const transport = kyTransport();
    await closing(transport, async () => {
      const early = AbortSignal.abort(new Error('too late'));
      await expect(transport.send({ ...request(server.url), signal: early })).rejects.toThrow();
      const controller = new AbortController();
      const sending = transport.send({ ...request(server.url), signal: controller.signal });
      await server.received(1);
      controller.abort(new Error('enough'));
      await expect(sending).rejects.toThrow();
    });
    expect(server.requests).toHaveLength(1);
  });

  it('may be closed before it was ever used, and twice', async () => {
    const transport = kyTransport();
    await transport.close?.();
    await transport.close?.();
    expect(transport).toBeDefined();
  });
});

describe('a transport of somebody else', () => {
  it('gets the body without the credential, and the credential beside it', async () => {
    const seen: unknown[] = [];
    const { vero } = makeClient({
      baseUrl: 'https://vero.example/base',
      delivery: { timeoutMs: 1_234 },
      transport: {
        send: async ({ body, credential, url, timeoutMs, headers }) => {
          seen.push({
            body: JSON.parse(body).event_name,
            isToken: credential === TOKEN,
            url,
            timeoutMs,
            headers,
          });
          expectNoCredential(body, headers, url);
          return { status: 200 };
        },
      },
    });
    vero.track('n', event);
    await vero.flush();
    expect(seen).toEqual([
      {
        body: 'n',
        isToken: true,
        url: 'https://vero.example/base/api/v2/events/track',
        timeoutMs: 1_234,
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          'user-agent': expect.any(String),
        },
      },
    ]);
  });

  it('that heeds no signal holds no place for ever', async () => {
    let calls = 0;
    const transport: Transport = {
      send: () => (calls++ === 0 ? new Promise(() => {}) : Promise.resolve({ status: 200 })),
    };
    const { vero, told } = makeClient({ transport, delivery: { concurrency: 1, timeoutMs: 30 } });
    vero.track('n', event);
    expect(await vero.flush()).toMatchObject({ delivered: 1 });
    expect(told.retrying).toHaveLength(1);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['answers nothing', async () => undefined as never],
  ])('that %s is tried again', async (_what, send) => {
    let calls = 0;
    const { vero, told } = makeClient({
      transport: { send: () => (calls++ === 0 ? send() : Promise.resolve({ status: 200 })) },
    });
    vero.track('n', event);
    expect(await vero.flush()).toMatchObject({ delivered: 1 });
    expect(told.retrying[0]?.error.message).toContain('Vero could not be reached');
  });
});
