import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { classifyFailure } from '../src/delivery/classify.ts';
import type { Transport, TransportRequest } from '../src/index.ts';
import { deferred, expectNoCredential, JANE, makeClient, TOKEN } from './clients.ts';
import { fakeVero, nobodyThere } from './fake-vero.ts';
import { closing, requestTo, TRANSPORTS } from './transports.ts';

const event = { identity: JANE };

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

/** A server that says what the fake Vero can't. */
async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function served(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listening(createServer(listener))}`;
}

async function failureOf(transport: Transport, request: TransportRequest): Promise<unknown> {
  return await transport.send(request).then(
    () => expect.unreachable('it was answered'),
    (thrown: unknown) => thrown,
  );
}

describe.each(TRANSPORTS)('%s', (_name, newTransport) => {
  // A thread takes a while to start.
  const transport = newTransport();
  afterAll(async () => await transport.close?.());

  it('says the status, what Retry-After asked for, and the start of an answer that was no success', async () => {
    const server = await fakeVero([
      { status: 503, headers: { 'retry-after': '2' }, body: ' busy \n' },
      { status: 500, body: '' },
      { status: 302, headers: { location: '/elsewhere' }, body: 'over there' },
      200,
      299,
    ]);
    const request = requestTo(server.url);
    const busy = { status: 503, retryAfterMs: 2_000, message: 'busy' };
    expect(await transport.send(request)).toEqual(busy);
    expect(await transport.send(request)).toEqual({ status: 500 });
    // The body holds the credential: a redirect is never followed.
    expect(await transport.send(request)).toEqual({ status: 302, message: 'over there' });
    expect(await transport.send(request)).toEqual({ status: 200 });
    expect(await transport.send(request)).toEqual({ status: 299 });
    expect(server.requests).toHaveLength(5);
  });

  it('posts the body with the credential in it, and the headers', async () => {
    const server = await fakeVero();
    await transport.send(requestTo(`${server.url}/base`));
    const [{ method, url, headers, body }] = server.requests as [(typeof server.requests)[0]];
    expect({ method, url }).toEqual({ method: 'POST', url: '/base/api/v2/events/track' });
    expect(headers['content-type']).toBe('application/json');
    expectNoCredential(headers, url);
    expect(body.auth_token === TOKEN).toBe(true);
    expect(body).toMatchObject({ event_name: 'n', identity: { id: '1' } });
  });

  it('waits for the answer after one that only informs', async () => {
    const url = await served((req, res) => {
      res.writeEarlyHints({ link: '</style.css>; rel=preload' });
      req.resume().on('end', () => res.writeHead(429, { connection: 'close' }).end('slowly'));
    });
    expect(await transport.send(requestTo(url))).toEqual({ status: 429, message: 'slowly' });
  });

  it('reads an answer no further than 8 KiB, and lets its connection go', async () => {
    const server = await fakeVero({ status: 400, endless: true });
    const { message } = await transport.send(requestTo(server.url));
    expect(message).toBe('x'.repeat(8 * 1024));
    await server.requests[0]?.abandoned;
  });

  it('takes a success with an endless body, and lets its connection go', async () => {
    const server = await fakeVero({ status: 200, endless: true });
    expect(await transport.send(requestTo(server.url))).toEqual({ status: 200 });
    await server.requests[0]?.abandoned;
  });

  it('takes answers of a megabyte', async () => {
    const server = await fakeVero({ status: 200, body: 'x'.repeat(1024 * 1024) });
    const { vero } = makeClient({ baseUrl: server.url, transport: newTransport() });
    for (let n = 0; n < 5; n++) vero.track('n', event);
    expect(await vero.flush()).toMatchObject({ delivered: 5 });
  });

  it('counts an event by its status although the body hangs', async () => {
    const server = await fakeVero(({ body }) => ({
      status: body.event_name === 'good' ? 200 : 400,
      body: '{"status":"half',
      hangAfter: 9,
    }));
    const { vero } = makeClient({
      baseUrl: server.url,
      delivery: { timeoutMs: 20_000 },
      transport: newTransport(),
    });
    vero.track('good', event);
    vero.track('bad', event);
    expect(await vero.flush({ timeout: 15_000 })).toMatchObject({ delivered: 1, rejected: 1, pending: 0 });
    expect(server.requests).toHaveLength(2);
    for (const { abandoned } of server.requests) await abandoned;
  });

  it('takes an answer whose connection breaks after the status', async () => {
    const url = await served((req, res) => {
      req.resume().on('end', () => {
        res.writeHead(400, { 'content-length': 100 });
        res.write('not whole', () => res.destroy());
      });
    });
    expect(await transport.send(requestTo(url))).toEqual({ status: 400, message: 'not whole' });
  });

  it('takes answers without a body, of any status that HTTP has', async () => {
    const server = await fakeVero([204, 205, { status: 304 }, 200]);
    const { vero } = makeClient({
      baseUrl: server.url,
      delivery: { concurrency: 1 },
      transport: newTransport(),
    });
    for (let n = 0; n < 3; n++) vero.track('n', event);
    expect(await vero.flush()).toMatchObject({ delivered: 3 });
  });

  it('has an event tried again after a status that HTTP has not', async () => {
    const server = await fakeVero([999, 200]);
    const { vero, told } = makeClient({ baseUrl: server.url, transport: newTransport() });
    vero.track('n', event);
    expect(await vero.flush()).toMatchObject({ delivered: 1 });
    expect(told.retrying).toHaveLength(1);
  });

  it('keeps connections alive and uses them again', async () => {
    const server = await fakeVero();
    const { vero } = makeClient({
      baseUrl: server.url,
      delivery: { concurrency: 1 },
      transport: newTransport(),
    });
    for (let n = 0; n < 20; n++) vero.track('n', event);
    await vero.flush();
    expect(server.connections).toBe(1);
  });

  it('opens as few connections as told', async () => {
    const server = await fakeVero();
    const { vero } = makeClient({ baseUrl: server.url, transport: newTransport({ connections: 2 }) });
    for (let n = 0; n < 40; n++) vero.track('n', event);
    await vero.flush();
    expect(server.connections).toBe(2);
  });

  it('ends an attempt after its time, and its connection with it', async () => {
    const server = await fakeVero('hang');
    const sending = failureOf(transport, requestTo(server.url, { timeoutMs: 250 }));
    await server.received(1);
    await server.requests[0]?.abandoned;
    const failure = await sending;
    expect((failure as Error).message).toBe('no answer within 250 ms');
    expect(classifyFailure(failure)).toEqual({ kind: 'retry', ambiguous: true });
  });

  it('never sends what found no connection in time', async () => {
    const server = await fakeVero(['hang', 200]);
    const transport = closing(newTransport({ connections: 1 }));
    const first = failureOf(transport, requestTo(server.url, { timeoutMs: 250 }));
    await server.received(1);
    const second = await failureOf(transport, requestTo(server.url, { timeoutMs: 50 }));
    expect((second as Error).message).toBe('no connection within 50 ms');
    expect(classifyFailure(second)).toEqual({ kind: 'retry', ambiguous: false });
    await first;
    expect(await transport.send(requestTo(server.url))).toEqual({ status: 200 });
    expect(server.requests).toHaveLength(2);
  });

  it('gives up a connection that nobody waits for', async () => {
    const abandoned = deferred();
    // It takes connections, and knows nothing of TLS.
    const server = createTcpServer((socket) => {
      socket.on('error', () => {}).once('close', () => abandoned.resolve());
      socket.resume();
    });
    const url = `https://127.0.0.1:${await listening(server)}`;
    const failure = await failureOf(transport, requestTo(url, { timeoutMs: 50 }));
    expect(classifyFailure(failure)).toEqual({ kind: 'retry', ambiguous: false });
    await abandoned.promise;
  });

  it('gives up a connection that is being made when it is closed', async () => {
    const [connected, abandoned] = [deferred(), deferred()];
    const server = createTcpServer((socket) => {
      socket.on('error', () => {}).once('close', () => abandoned.resolve());
      socket.once('data', () => connected.resolve());
    });
    const own = closing(newTransport());
    const failure = failureOf(own, requestTo(`https://127.0.0.1:${await listening(server)}`));
    await connected.promise;
    await own.close?.();
    expect(await failure).toBeInstanceOf(Error);
    await abandoned.promise;
  });

  it('ends what is under way when it is closed, and may be used again', async () => {
    const server = await fakeVero(['hang', 200]);
    const sending = failureOf(transport, requestTo(server.url));
    await server.received(1);
    await transport.close?.();
    expect(classifyFailure(await sending)).toEqual({ kind: 'retry', ambiguous: true });
    await server.requests[0]?.abandoned;
    expect(await transport.send(requestTo(server.url))).toEqual({ status: 200 });
  });

  it('is closed with the client', async () => {
    const server = await fakeVero('hang');
    const { vero } = makeClient({ baseUrl: server.url, transport: newTransport() });
    vero.track('n', event);
    await server.received(1);
    await vero.close({ timeout: 0 });
    await server.requests[0]?.abandoned;
  });

  it('may be closed before it was ever used, and twice', async () => {
    const transport = newTransport();
    await transport.close?.();
    await transport.close?.();
    expect(transport).toBeDefined();
  });

  it('says that nothing was sent where nobody listens, at none of the addresses', async () => {
    const url = (await nobodyThere()).replace('127.0.0.1', 'localhost');
    const failure = await failureOf(transport, requestTo(url));
    expect(classifyFailure(failure)).toEqual({ kind: 'retry', ambiguous: false });
    expectNoCredential(failure);
  });

  it('says that Vero may have the event when the connection is dropped', async () => {
    const server = await fakeVero('drop');
    const failure = await failureOf(transport, requestTo(server.url));
    expect(classifyFailure(failure)).toEqual({ kind: 'retry', ambiguous: true });
    expectNoCredential(failure);
  });

  it('says that it is not Vero whose certificate is not', async () => {
    const pem = (name: string): string => readFileSync(join(import.meta.dirname, 'faults', name), 'utf8');
    const port = await listening(createTlsServer({ key: pem('server.key'), cert: pem('server.crt') }));
    const failure = await failureOf(transport, requestTo(`https://127.0.0.1:${port}`));
    expect(classifyFailure(failure)).toEqual({ kind: 'misconfigured' });
  });

  it('heeds no Retry-After where there are two', async () => {
    const url = await served((req, res) => {
      req.resume().on('end', () => {
        res.appendHeader('retry-after', '3').appendHeader('retry-after', '7');
        res.writeHead(503, { connection: 'close' }).end();
      });
    });
    expect(await transport.send(requestTo(url))).toEqual({ status: 503 });
  });
});

describe.each(TRANSPORTS.filter(([name]) => !name.includes('hooks')))('%s', (_name, newTransport) => {
  it('does without the signal, which would cost more than all else of a request', async () => {
    const server = await fakeVero();
    const transport = closing(newTransport());
    let reads = 0;
    const request = requestTo(server.url);
    const watched = { ...request };
    Object.defineProperty(watched, 'signal', {
      get: () => {
        reads += 1;
        return request.signal;
      },
    });
    expect(await transport.send(watched)).toEqual({ status: 200 });
    expect(reads).toBe(0);
  });
});
