import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect as connectTcp, type Socket } from 'node:net';
import { afterEach } from 'vitest';
import { onResponseSettled, type SettledResponse } from '../src/adapter.ts';

/** A request, written by hand. */
export const GET: string = 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n';

type Handler = (req: IncomingMessage, res: ServerResponse, index: number) => void;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A server on which every response is watched; the returned list says how they settled, in order. */
export async function watchedServer(handler: Handler) {
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

/** An answer has begun to come. */
export const firstBytes = (socket: Socket): Promise<unknown> =>
  new Promise((resolve) => socket.once('data', resolve));
