import { createHTTPServer } from '@trpc/server/adapters/standalone';
import { listen, type Shop, type ShopVero, Users } from '@verotrack/example-shop';
import { contextOf } from './context.ts';
import { createRouter } from './router.ts';

export type { ShopRouter } from './router.ts';

/** Starts the shop, on any free port unless told otherwise. The client stays the caller's. */
export function startShop({ vero, port = 0 }: { vero: ShopVero; port?: number }): Promise<Shop> {
  const users = new Users();
  return listen(
    createHTTPServer({ router: createRouter(vero, users), createContext: contextOf(users) }),
    port,
  );
}
