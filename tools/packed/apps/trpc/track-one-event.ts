import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { initTRPC } from '@trpc/server';
import { type CreateHTTPContextOptions, createHTTPServer } from '@trpc/server/adapters/standalone';
import { createVero, pickIdentity } from '@verotrack/core';
import { type TrackMeta, trpcTracking } from '@verotrack/trpc';
import { z } from 'zod';
import { addingShoes, expectOneEvent } from './expect-one-event.js';

const users = [{ id: '42', email: 'jane@example.com', passwordHash: 'not for anybody' }];

const createContext = ({ req, res }: CreateHTTPContextOptions) => ({
  user: users.find(({ id }) => id === req.headers.authorization),
  res,
});
type Context = ReturnType<typeof createContext>;

void expectOneEvent(async () => {
  const vero = createVero();
  const { trackEvent } = trpcTracking<Context>(vero, {
    identify: ({ ctx }) => pickIdentity(ctx.user, ['id', 'email']),
    response: ({ ctx }) => ctx.res,
  });
  const t = initTRPC.context<Context>().meta<TrackMeta<Context>>().create();
  const router = t.router({
    addToCart: t.procedure
      .input(z.object({ name: z.string() }))
      .use(trackEvent('add_to_cart', { data: ({ input }) => ({ item_name: input.name }) }))
      .mutation(({ input }) => input),
  });

  const server = createHTTPServer({ router, createContext });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/addToCart`, addingShoes);
  assert.equal(response.status, 200);
  server.close();
  await vero.close();
});
