import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect as connectTcp, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { onResponseSettled, type SettledResponse } from '../src/adapter.ts';
import { deferred } from './clients.ts';

const LARGE = 'x'.repeat(16 * 1024 * 1024);

type Handler = (req: IncomingMessage, res: ServerResponse, index: number) => void;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A server on which every response is watched; the returned list says how they settled, in order. */
async function serve(handler: Handler) {
  const settled: (SettledResponse & { index: number })[] = [];
  const waiting: (() => void)[] = [];
  let requests = 0;
  const server = createServer((req, res) => {
    const index = requests++;
    res.on('error', () => {});
    onResponseSettled(req, res, (end) => {
      settled.push({ ...end, index });
      for (const check of waiting) check();
    });
    handler(req, res, index);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    settled,
    /** Resolves when `count` responses have settled. */
    until: (count: number) =>
      new Promise<void>((resolve) => {
        const check = (): void => {
          if (settled.length >= count) resolve();
        };
        waiting.push(check);
        check();
      }),
    /** A connection on which requests are written by hand. */
    connect: (): Socket => {
      const socket = connectTcp(port, '127.0.0.1');
      socket.on('error', () => {});
      closing.push(async () => void socket.destroy());
      return socket;
    },
  };
}

const GET = 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n';
const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

const firstBytes = (socket: Socket): Promise<unknown> =>
  new Promise((resolve) => socket.once('data', resolve));

describe('an HTTP/1 response', () => {
  it.each([
    ['at once', (res: ServerResponse) => res.end('ok')],
    ['later', (res: ServerResponse) => setImmediate(() => res.end('ok'))],
    ['in pieces', (res: ServerResponse) => res.write('o') && setImmediate(() => res.end('k'))],
    ['without a body', (res: ServerResponse) => res.end()],
    ['at length', (res: ServerResponse) => res.end(LARGE)],
  ])('is sent when it ends %s', async (_how, answer) => {
    const { url, settled, until } = await serve((_req, res) => {
      res.statusCode = 201;
      answer(res);
    });
    await (await fetch(url)).arrayBuffer();
    await until(1);
    expect(settled).toEqual([{ sent: true, answered: true, status: 201, index: 0 }]);
  });

  it('is sent whatever its status, also to a client that closes its connection, and with a request body', async () => {
    const { url, settled, until } = await serve((_req, res) => res.writeHead(503).end('no'));
    const headers = { connection: 'close' };
    await (await fetch(url, { method: 'POST', body: LARGE, headers })).text();
    await until(1);
    expect(settled).toEqual([{ sent: true, answered: true, status: 503, index: 0 }]);
  });

  it('is neither sent nor answered when the client leaves before anything was written', async () => {
    const arrived = deferred();
    const { connect, settled, until } = await serve(() => arrived.resolve());
    const client = connect();
    client.write(GET);
    await arrived.promise;
    client.destroy();
    await until(1);
    expect(settled).toEqual([{ sent: false, answered: false, status: 200, index: 0 }]);
  });

  it.each([
    ['closes', (client: Socket) => client.destroy()],
    ['resets', (client: Socket) => client.resetAndDestroy()],
  ])(
    'is answered, but not sent, when the client %s the connection during its large end',
    async (_how, leave) => {
      const { connect, settled, until } = await serve((_req, res) => res.end(LARGE));
      const client = connect();
      client.write(GET);
      await firstBytes(client);
      leave(client);
      await until(1);
      expect(settled).toEqual([{ sent: false, answered: true, status: 200, index: 0 }]);
    },
  );

  it('is neither when the client leaves between two writes, or when the server gives up itself', async () => {
    const { connect, settled, until } = await serve((_req, res, index) => {
      res.write('half');
      if (index === 1) res.destroy();
    });
    const client = connect();
    client.write(GET);
    await firstBytes(client);
    client.destroy();
    await until(1);
    connect().write(GET);
    await until(2);
    expect(settled.map(({ sent, answered }) => [sent, answered])).toEqual([
      [false, false],
      [false, false],
    ]);
  });

  it('settles, unsent, behind a pipelined one whose connection dies, whether it was ended or not', async () => {
    const arrived = deferred();
    const { connect, settled, until } = await serve((_req, res, index) => {
      if (index === 1) res.end('queued');
      if (index === 2) arrived.resolve();
    });
    const client = connect();
    client.write(GET + GET + GET);
    await arrived.promise;
    client.destroy();
    await until(3);
    const byIndex = settled.sort((a, b) => a.index - b.index);
    expect(byIndex.map(({ sent, answered }) => [sent, answered])).toEqual([
      [false, false],
      [false, true],
      [false, false],
    ]);
  });

  it('is sent for each of several that are pipelined', async () => {
    const { connect, settled, until } = await serve((_req, res, index) => {
      setTimeout(() => res.end('ok'), index === 0 ? 20 : 1);
    });
    connect().write(GET + GET + GET);
    await until(3);
    expect(settled.map(({ index, sent }) => [index, sent])).toEqual([
      [0, true],
      [1, true],
      [2, true],
    ]);
  });

  it('that was sent stays so when its connection dies later, during another one', async () => {
    const arrived = deferred();
    const { connect, settled, until } = await serve((_req, res, index) => {
      if (index === 0) res.end('ok');
      else arrived.resolve();
    });
    const client = connect();
    client.write(GET);
    await firstBytes(client);
    client.write(GET);
    await arrived.promise;
    client.destroy();
    await until(2);
    expect(settled.map(({ sent }) => sent)).toEqual([true, false]);
  });
});

describe('onResponseSettled', () => {
  it('tells each of several callbacks once, in order', async () => {
    const told: string[] = [];
    const { url, until } = await serve((req, res) => {
      for (const name of ['a', 'b', 'c']) onResponseSettled(req, res, () => told.push(name));
      res.end('ok');
    });
    await (await fetch(url)).text();
    await until(1);
    await turns(5);
    expect(told).toEqual(['a', 'b', 'c']);
  });

  it.each(['finish', 'close'])('may be asked about a response at its %s, and still tells', async (when) => {
    const told = deferred<SettledResponse>();
    const { url } = await serve((req, res) => {
      res.once(when, () => onResponseSettled(req, res, told.resolve));
      res.end('ok');
    });
    await (await fetch(url)).text();
    expect(await told.promise).toEqual({ sent: true, answered: true, status: 200 });
  });

  it('may be asked long after, about one that was sent and one that was not', async () => {
    const seen: [IncomingMessage, ServerResponse][] = [];
    const { connect, url, until } = await serve((req, res, index) => {
      seen.push([req, res]);
      if (index === 0) res.end('ok');
      else res.write('half');
    });
    await (await fetch(url)).text();
    const client = connect();
    client.write(GET);
    await firstBytes(client);
    client.destroy();
    await until(2);
    await turns(5);
    const late: SettledResponse[] = [];
    let isSync = true;
    for (const [req, res] of seen) {
      await new Promise<void>((resolve) => {
        isSync = true;
        onResponseSettled(req, res, (end) => {
          expect(isSync).toBe(false);
          late.push(end);
          resolve();
        });
        isSync = false;
      });
    }
    expect(late.map(({ sent, answered }) => [sent, answered])).toEqual([
      [true, true],
      [false, false],
    ]);
  });

  it('leaves no listener on a response', async () => {
    const gone = deferred<ServerResponse>();
    let before = 0;
    const { url } = await serve((req, res) => {
      onResponseSettled(req, res, () => {});
      before = listeners(res);
      res.end('ok');
      res.once('close', () => setImmediate(gone.resolve, res));
    });
    await (await fetch(url)).text();
    // Its own two: `finish` and `close`.
    expect(listeners(await gone.promise)).toBeLessThanOrEqual(before - 2);
  });

  it('leaves no more listeners on a kept-alive socket after 100 requests than after one', async () => {
    const counts: number[] = [];
    const sockets = new Set<Socket>();
    const { connect, until } = await serve((req, res) => {
      onResponseSettled(req, res, () => {});
      counts.push(listeners(req.socket));
      sockets.add(req.socket);
      res.end('ok');
    });
    const client = connect();
    for (let n = 1; n <= 101; n++) {
      client.write(GET);
      await firstBytes(client);
      await until(n);
    }
    expect(sockets.size).toBe(1);
    expect(counts).toHaveLength(101);
    expect(counts.at(-1)).toBe(counts[1]);
  });
});

function listeners(emitter: ServerResponse | Socket): number {
  return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
}
