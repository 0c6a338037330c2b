import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { initTRPC } from '@trpc/server';
import { createHTTPServer } from '@trpc/server/adapters/standalone';
import { pickIdentity } from '@verotrack/core';
import { trpcTracking } from '@verotrack/trpc';
import {
  added,
  dataOf,
  EVENT,
  type Item,
  type RunningHost,
  type Shop,
  trackByHand,
  type User,
  userOf,
} from '../shop.ts';

interface Context {
  readonly user: User | undefined;
  readonly res: ServerResponse;
}

/** What a schema would do; its library is not what is measured. */
function itemOf(value: unknown): Item {
  const { name, price } = value as Item;
  if (typeof name !== 'string' || typeof price !== 'number') throw new TypeError('not an item');
  return { name, price };
}

export async function startTrpc({ tracking, vero, peer }: Shop): Promise<RunningHost> {
  const t = initTRPC.context<Context>().create();
  const trpc =
    vero &&
    trpcTracking<Context>(vero, {
      identify: ({ ctx }) => pickIdentity(ctx.user, ['id', 'email']),
      response: ({ ctx }) => ctx.res,
    });
  const base = trpc && tracking === 'present' ? t.procedure.use(trpc.requestScope()) : t.procedure;
  const input = base.input(itemOf);
  const idle = tracking === 'idle' ? input.use(({ next }) => next()) : input;
  const procedure =
    trpc && tracking === 'tracked'
      ? idle.use(trpc.trackEvent(EVENT, { data: ({ input }) => dataOf(input as Item) }))
      : idle;
  const router = t.router({
    addToCart: procedure.mutation(({ input, ctx }) => {
      if (peer) trackByHand(ctx.res, peer, () => ({ user: ctx.user, item: input }));
      return added(input);
    }),
  });
  const server = createHTTPServer({
    router,
    createContext: ({ req, res }) => ({ user: userOf(req.headers), res }),
  });
  return await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({ port: (server.address() as AddressInfo).port, path: '/addToCart' });
    });
  });
}
