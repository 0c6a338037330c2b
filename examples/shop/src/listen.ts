import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';

/** A shop that is open. */
export interface Shop {
  readonly url: string;
  /** Answers what is under way, and takes no more. */
  close(): Promise<void>;
}

/** How long a shop that closes waits for its visitors. */
const CLOSE_MS = 2_000;

/** Opens a server, on this machine only unless told otherwise; port 0 is any free one. */
export async function listen(server: Server, port: number, host = '127.0.0.1'): Promise<Shop> {
  server.listen(port, host);
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => closeInTime(server, promisify(server.close.bind(server))),
  };
}

/** Browsers open connections that they may never use: nobody should wait for those. */
export async function closeInTime(server: Server, close: () => Promise<void>): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
  try {
    await close();
  } finally {
    clearTimeout(timer);
  }
}
