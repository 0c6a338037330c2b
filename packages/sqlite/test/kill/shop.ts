// A shop that is made to be killed: a process of its own, with a queue on disk.
import cluster from 'node:cluster';
import type { AddressInfo } from 'node:net';
import { createVero, kyTransport } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import express from 'express';
import { sqliteQueue } from '../../src/index.ts';

/** What the shop tells whoever started it. */
export type Message =
  | { readonly kind: 'listening'; readonly port: number; readonly pid: number }
  | { readonly kind: 'closed'; readonly result: Readonly<Record<string, number>> }
  | { readonly kind: 'problem'; readonly message: string };

const { QUEUE_PATH = '', VERO_URL = '', RUN = '', CLOSE_MS = '10000', WORKERS = '0' } = process.env;
const tell = (message: Message): void => void process.send?.(message);

if (cluster.isPrimary && WORKERS !== '0') supervise(Number(WORKERS));
else serve();

/** As a process manager does: whoever dies is replaced. */
function supervise(workers: number): void {
  let isClosing = false;
  for (let i = 0; i < workers; i++) cluster.fork();
  cluster.on('message', (_worker, message: Message) => tell(message));
  cluster.on('exit', () => {
    if (!isClosing) cluster.fork();
  });
  process.on('SIGTERM', () => {
    isClosing = true;
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM');
  });
}

function serve(): void {
  const run = `${RUN}/${process.pid}`;
  const vero = createVero({
    authToken: 'tok_secret_of_a_shop',
    baseUrl: VERO_URL,
    unique: true,
    queue: sqliteQueue({ path: QUEUE_PATH }),
    transport: kyTransport({ ky: { headers: { 'x-run': run } } }),
    // As short as the test, but for the time of an attempt: what Vero took must not have been given up before.
    delivery: { timeoutMs: 5_000, retry: { baseMs: 20, maxMs: 200 } },
  });
  vero.on('error', ({ error }) => tell({ kind: 'problem', message: error.message }));
  vero.on('dropped', ({ reason }) => tell({ kind: 'problem', message: `dropped: ${reason}` }));
  vero.on('rejected', ({ error }) => tell({ kind: 'problem', message: `rejected: ${error.message}` }));

  const { requestScope } = expressTracking(vero, {
    identify: ({ req }) => ({ id: req.get('x-user') ?? '' }),
  });
  const app = express();
  let isClosing = false;
  app.use((_req, res, next) => {
    // Clients that keep their connections would hold the server open for as long as they ask.
    if (isClosing) res.set('connection', 'close');
    next();
  });
  app.post('/orders/:n', requestScope(), (req, res) => {
    const n = Number(req.params.n);
    vero.track('order_placed', { data: { n } });
    // From here on the event outlives the process.
    res.json({ n });
  });
  const server = app.listen(0, '127.0.0.1', () => {
    tell({ kind: 'listening', port: (server.address() as AddressInfo).port, pid: process.pid });
  });

  process.once('disconnect', () => {
    // Whoever started it was killed itself.
    if (!isClosing) process.kill(process.pid, 'SIGKILL');
  });
  process.once('SIGTERM', () => {
    isClosing = true;
    server.close(async () => {
      const { delivered, rejected, dropped, handedOver, pending } = await vero.close({
        timeout: Number(CLOSE_MS),
      });
      tell({ kind: 'closed', result: { delivered, rejected, dropped, handedOver, pending } });
      // Nothing else is left: the process has to end by itself.
      process.disconnect?.();
    });
  });
}
