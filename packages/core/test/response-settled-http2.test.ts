import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  createServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { onResponseSettled, type SettledResponse } from '../src/adapter.ts';
import { deferred } from './clients.ts';

const LARGE = 'x'.repeat(16 * 1024 * 1024);

const closing: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Handler = (req: Http2ServerRequest, res: Http2ServerResponse) => void;

/** A server without TLS, and one session with it. `settled` is how its one response ended. */
async function serve(handler: Handler): Promise<{
  session: ClientHttp2Session;
  settled: Promise<SettledResponse>;
  told: () => number;
}> {
  const ended = deferred<SettledResponse>();
  let told = 0;
  const server = createServer((req, res) => {
    res.stream.on('error', () => {});
    onResponseSettled(req, res, (end) => {
      told++;
      ended.resolve(end);
    });
    handler(req, res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(() => resolve())));
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  session.on('error', () => {});
  closing.push(() => session.destroy());
  return { session, settled: ended.promise, told: () => told };
}

function request(session: ClientHttp2Session, headers = {}): ClientHttp2Stream {
  const stream = session.request({ ':path': '/', ...headers });
  stream.on('error', () => {});
  return stream;
}

const once = (stream: ClientHttp2Stream, name: string): Promise<unknown> =>
  new Promise((resolve) => stream.once(name, resolve));

describe('an HTTP/2 response', () => {
  it.each([
    ['at once', (res: Http2ServerResponse) => res.end('ok')],
    ['later', (res: Http2ServerResponse) => setImmediate(() => res.end('ok'))],
    ['without a body', (res: Http2ServerResponse) => res.end()],
    ['at length', (res: Http2ServerResponse) => res.end(LARGE)],
  ])('is sent when it ends %s', async (_how, answer) => {
    const { session, settled, told } = await serve((_req, res) => {
      res.statusCode = 201;
      answer(res);
    });
    const stream = request(session).resume();
    await once(stream, 'end');
    expect(await settled).toEqual({ sent: true, answered: true, status: 201 });
    await once(request(session).resume(), 'end');
    expect(told()).toBe(2);
  });

  it('is sent with the answer to a POST', async () => {
    const { session, settled } = await serve((_req, res) => res.writeHead(204).end());
    const stream = request(session, { ':method': 'POST' });
    stream.resume().end('{}');
    expect(await settled).toEqual({ sent: true, answered: true, status: 204 });
  });

  it('is not sent when its stream is cancelled before its headers', async () => {
    const arrived = deferred();
    const { session, settled } = await serve(() => arrived.resolve());
    const stream = request(session);
    await arrived.promise;
    stream.close(constants.NGHTTP2_CANCEL);
    expect(await settled).toMatchObject({ sent: false, answered: false });
  });

  it('is not sent when its stream is cancelled between two writes', async () => {
    const { session, settled } = await serve((_req, res) => res.write('half'));
    const stream = request(session);
    await once(stream, 'data');
    stream.close(constants.NGHTTP2_CANCEL);
    expect(await settled).toMatchObject({ sent: false, answered: false });
  });

  it.each([
    ['before its headers', false],
    ['between two writes', true],
  ])('is not sent when its stream is closed %s, and nobody calls that an error', async (_when, writes) => {
    const arrived = deferred();
    const { session, settled } = await serve((_req, res) => {
      if (writes) res.write('half');
      arrived.resolve();
    });
    const stream = request(session);
    await arrived.promise;
    if (writes) await once(stream, 'data');
    stream.close(constants.NGHTTP2_NO_ERROR);
    expect(await settled).toMatchObject({ sent: false, answered: false });
  });

  it.each<[string, Handler]>([
    ['closes its stream', (_req, res) => res.write('half', () => res.stream.close())],
    ['destroys its stream', (_req, res) => res.write('half', () => res.stream.destroy())],
  ])('is not sent when the server %s before its end', async (_how, handler) => {
    const { session, settled } = await serve(handler);
    request(session).resume();
    expect(await settled).toMatchObject({ sent: false, answered: false });
  });

  it('is not sent when its stream is cancelled during a large end', async () => {
    const { session, settled } = await serve((_req, res) => res.end(LARGE));
    const stream = request(session);
    await once(stream, 'data');
    stream.pause();
    stream.close(constants.NGHTTP2_CANCEL);
    expect(await settled).toMatchObject({ sent: false });
  });

  it('is not sent when the whole session dies', async () => {
    const { session, settled } = await serve((_req, res) => res.end(LARGE));
    const stream = request(session);
    await once(stream, 'data');
    session.destroy();
    expect(await settled).toMatchObject({ sent: false });
  });

  it('is not sent when it is asked about after its stream was closed, without an error, before its end', async () => {
    const late = deferred<SettledResponse>();
    const { session } = await serve((req, res) => {
      res.on('close', () => setImmediate(() => onResponseSettled(req, res, late.resolve)));
      res.write('half');
    });
    const stream = request(session);
    await once(stream, 'data');
    stream.close(constants.NGHTTP2_NO_ERROR);
    expect(await late.promise).toMatchObject({ sent: false, answered: false });
  });

  it('may be asked about when it was over long before', async () => {
    const late = deferred<SettledResponse>();
    const { session } = await serve((req, res) => {
      res.on('close', () => setImmediate(() => onResponseSettled(req, res, late.resolve)));
      res.end('ok');
    });
    request(session).resume();
    expect(await late.promise).toEqual({ sent: true, answered: true, status: 200 });
  });

  it('does not take its neighbours on the session with it when it is cancelled', async () => {
    const ends = new Map<string, SettledResponse>();
    const both = deferred();
    const slow = deferred<Http2ServerResponse>();
    const { session } = await serve((req, res) => {
      onResponseSettled(req, res, (end) => {
        ends.set(req.url, end);
        if (ends.size === 2) both.resolve();
      });
      if (req.url === '/slow') slow.resolve(res);
    });
    const kept = request(session, { ':path': '/slow' }).resume();
    const cancelled = request(session, { ':path': '/cancelled' });
    const response = await slow.promise;
    cancelled.close(constants.NGHTTP2_CANCEL);
    await once(cancelled, 'close');
    response.end('ok');
    await Promise.all([once(kept, 'end'), both.promise]);
    expect(ends.get('/slow')).toMatchObject({ sent: true });
    expect(ends.get('/cancelled')).toMatchObject({ sent: false });
  });
});
