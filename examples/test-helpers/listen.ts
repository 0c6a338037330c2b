import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Site {
  readonly url: string;
  close(): void;
}

/** Serves an application on a free port of this machine, until it is closed. */
export async function serve(app: RequestListener): Promise<Site> {
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Serves an application while a test runs. @returns its address */
export async function listen(app: RequestListener): Promise<string> {
  const site = await serve(app);
  onTestFinished(() => site.close());
  return site.url;
}
