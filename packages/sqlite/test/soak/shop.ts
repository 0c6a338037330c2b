// The shop that is measured, alone in its process.
import type { EventEmitter } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { createVero, memoryQueue } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import express from 'express';
import { sqliteQueue } from '../../src/index.ts';

/** How the shop stands when nothing is under way. */
export interface Sample {
  /** After the garbage is collected. */
  readonly heapUsed: number;
  readonly rss: number;
  readonly external: number;
  /** Open handles by kind. */
  readonly resources: Readonly<Record<string, number>>;
  /** Files and sockets, idle ones too; `undefined` where the system doesn't tell. */
  readonly descriptors: number | undefined;
  readonly sockets: number;
  /** Listeners of the process, of the server, and the most of any of its sockets. */
  readonly listeners: Readonly<Record<'process' | 'server' | 'socket', number>>;
  /** Warnings of Node, by name: too many listeners is one. */
  readonly warnings: readonly string[];
  readonly problems: readonly string[];
  readonly stats: Readonly<
    Record<'accepted' | 'delivered' | 'dropped' | 'rejected' | 'retries' | 'pending', number>
  >;
  /** Of the queue's files. */
  readonly fileBytes: number;
}

export type ShopMessage =
  | { readonly kind: 'listening'; readonly port: number }
  | ({ readonly kind: 'sample' } & Sample);

const { QUEUE = 'memory', QUEUE_PATH = '', VERO_URL = '' } = process.env;
const tell = (message: ShopMessage): void => void process.send?.(message);

const warnings: string[] = [];
process.on('warning', ({ name }) => void (name === 'ExperimentalWarning' || warnings.push(name)));

const vero = createVero({
  authToken: 'tok_secret_of_a_shop',
  baseUrl: VERO_URL,
  queue: QUEUE === 'sqlite' ? sqliteQueue({ path: QUEUE_PATH }) : memoryQueue(),
});
const problems: string[] = [];
vero.on('error', ({ error }) => void problems.push(error.message));
vero.on('dropped', ({ reason }) => void problems.push(`dropped: ${reason}`));
vero.on('rejected', ({ error }) => void problems.push(`rejected: ${error.message}`));

const { requestScope, trackEvent } = expressTracking(vero, {
  identify: ({ req }) => ({ id: req.get('x-user') ?? '', email: 'jane@example.com' }),
});
const app = express();
app.use(requestScope());
app.post('/orders/:n', (req, res) => {
  vero.track('order_placed', { data: { n: Number(req.params.n), item_name: 'Blue shoes' } });
  res.json({ pending: vero.stats().pending });
});
app.post(
  '/carts/:n',
  trackEvent('add_to_cart', { data: ({ req }) => ({ n: Number(req.params.n), item_name: 'Blue shoes' }) }),
  (_req, res) => void res.json({ pending: vero.stats().pending }),
);
const sockets = new Set<Socket>();
const server = app.listen(0, '127.0.0.1', () =>
  tell({ kind: 'listening', port: (server.address() as AddressInfo).port }),
);
server.keepAliveTimeout = 60_000;
server.on('connection', (socket) => {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
});

process.on('message', async () => {
  await vero.flush();
  for (let i = 0; i < 3; i++) {
    await wait(20);
    globalThis.gc?.();
  }
  tell({ kind: 'sample', ...sample() });
});
process.once('SIGTERM', () => {
  server.close(async () => {
    await vero.close();
    process.disconnect();
  });
});
process.on('disconnect', () => process.exit());

function sample(): Sample {
  const { heapUsed, rss, external } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
  const { accepted, delivered, dropped, rejected, retries, pending } = vero.stats();
  return {
    heapUsed,
    rss,
    external,
    resources,
    descriptors: existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : undefined,
    sockets: sockets.size,
    listeners: {
      process: listenersOf(process),
      server: listenersOf(server),
      socket: Math.max(0, ...[...sockets].map(listenersOf)),
    },
    warnings: [...warnings],
    problems: problems.slice(-20),
    stats: { accepted, delivered, dropped, rejected, retries, pending },
    fileBytes: [QUEUE_PATH, `${QUEUE_PATH}-wal`]
      .filter((path) => existsSync(path))
      .reduce((sum, path) => sum + statSync(path).size, 0),
  };
}

function listenersOf(emitter: EventEmitter): number {
  return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
}
