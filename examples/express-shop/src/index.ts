import { createServer } from 'node:http';
import { listen, type Shop, type ShopVero } from '@verotrack/example-shop';
import { createApp } from './app.ts';

/** Starts the shop, on any free port unless told otherwise. The client stays the caller's. */
export function startShop({ vero, port = 0 }: { vero: ShopVero; port?: number }): Promise<Shop> {
  return listen(createServer(createApp(vero)), port);
}
