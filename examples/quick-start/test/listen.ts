import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** Serves an application while a test runs. @returns its address */
export async function listen(app: RequestListener): Promise<string> {
  const server = createServer(app).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What a visitor sends who puts something into the cart. */
export const adding = (name: string): RequestInit => ({
  method: 'POST',
  headers: { authorization: '42', 'content-type': 'application/json' },
  body: JSON.stringify({ name, price: 40 }),
});
