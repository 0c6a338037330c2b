import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { deferred } from './clients.ts';
import { firstBytes, GET, watchedServer } from './watched-server.ts';

const LARGE = 'x'.repeat(16 * 1024 * 1024);

describe('an HTTP/1 response', () => {
  it.each([
    ['at once', (res: ServerResponse) => res.end('ok')],
    ['later', (res: ServerResponse) => setImmediate(() => res.end('ok'))],
    ['in pieces', (res: ServerResponse) => res.write('o') && setImmediate(() => res.end('k'))],
    ['without a body', (res: ServerResponse) => res.end()],
    ['at length', (res: ServerResponse) => res.end(LARGE)],
  ])('is sent when it ends %s', async (_how, answer) => {
    const { url, settled, until } = await watchedServer((_req, res) => {
      res.statusCode = 201;
      answer(res);
    });
    await (await fetch(url)).arrayBuffer();
    await until(1);
    expect(settled).toEqual([{ sent: true, answered: true, status: 201, index: 0 }]);
  });

  it('is sent whatever its status, also to a client that closes its connection, and with a request body', async () => {
    const { url, settled, until } = await watchedServer((_req, res) => res.writeHead(503).end('no'));
    const headers = { connection: 'close' };
    await (await fetch(url, { method: 'POST', body: LARGE, headers })).text();
    await until(1);
    expect(settled).toEqual([{ sent: true, answered: true, status: 503, index: 0 }]);
  });

  it('is neither sent nor answered when the client leaves before anything was written', async () => {
    const arrived = deferred();
    const { connect, settled, until } = await watchedServer(() => arrived.resolve());
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
      const { connect, settled, until } = await watchedServer((_req, res) => res.end(LARGE));
      const client = connect();
      client.write(GET);
      await firstBytes(client);
      leave(client);
      await until(1);
      expect(settled).toEqual([{ sent: false, answered: true, status: 200, index: 0 }]);
    },
  );

  it('is neither when the client leaves between two writes, or when the server gives up itself', async () => {
    const { connect, settled, until } = await watchedServer((_req, res, index) => {
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
    const { connect, settled, until } = await watchedServer((_req, res, index) => {
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
    const { connect, settled, until } = await watchedServer((_req, res, index) => {
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
    const { connect, settled, until } = await watchedServer((_req, res, index) => {
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
