import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { onResponseSettled, type SettledResponse } from '../src/adapter.ts';
import { deferred } from './clients.ts';
import { firstBytes, GET, watchedServer } from './watched-server.ts';

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('onResponseSettled', () => {
  it('tells each of several callbacks once, in order', async () => {
    const told: string[] = [];
    const { url, until } = await watchedServer((req, res) => {
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
    const { url } = await watchedServer((req, res) => {
      res.once(when, () => onResponseSettled(req, res, told.resolve));
      res.end('ok');
    });
    await (await fetch(url)).text();
    expect(await told.promise).toEqual({ sent: true, answered: true, status: 200 });
  });

  it('may be asked long after, about one that was sent and one that was not', async () => {
    const seen: [IncomingMessage, ServerResponse][] = [];
    const { connect, url, until } = await watchedServer((req, res, index) => {
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

  it('may be asked about a response that was queued behind another when its connection died', async () => {
    const queued = deferred<[IncomingMessage, ServerResponse]>();
    const { connect, until } = await watchedServer((req, res, index) => {
      if (index === 1) queued.resolve([req, res]);
    });
    const client = connect();
    client.write(GET + GET);
    const [req, res] = await queued.promise;
    client.destroy();
    await until(2);
    // As after an `await` in a middleware before ours. On Node 22 this response says nothing of its end.
    const late = deferred<SettledResponse>();
    onResponseSettled(req, res, late.resolve);
    expect(await late.promise).toMatchObject({ sent: false, answered: false });
  });

  it('leaves no listener on a response', async () => {
    const gone = deferred<ServerResponse>();
    let before = 0;
    const { url } = await watchedServer((req, res) => {
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
    const { connect, until } = await watchedServer((req, res) => {
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
