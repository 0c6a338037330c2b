// #region serve
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Vero } from '@verotrack/core';

export const REQUESTS_MS = 10_000;
export const EVENTS_MS = 10_000;
const { HOST = '127.0.0.1', PORT = '3000' } = process.env;

/** Answers requests until SIGTERM or SIGINT, and then ends without losing any of their events. */
export async function serve(app: RequestListener, vero: Vero): Promise<Server> {
  const server = createServer((req, res) => {
    if (!server.listening) res.setHeader('Connection', 'close'); // the next request goes to another process
    app(req, res);
  });
  server.listen(Number(PORT), HOST);
  await once(server, 'listening');
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void shutDown(server, vero));
  }
  process.send?.('ready'); // for pm2, which waits for it
  return server;
}

async function shutDown(server: Server, vero: Vero): Promise<void> {
  // Requests first: their events are still to come.
  const timer = setTimeout(() => server.closeAllConnections(), REQUESTS_MS);
  server.close();
  await once(server, 'close');
  clearTimeout(timer);
  const { delivered, handedOver, dropped } = await vero.close({ timeout: EVENTS_MS });
  console.log(`Last events: ${delivered} delivered, ${handedOver} left in the queue, ${dropped} lost`);
  process.disconnect?.(); // what a cluster or pm2 listens to would hold the process
}
// #endregion
