// #region example
import type { ServerResponse } from 'node:http';
import { initTRPC } from '@trpc/server';
import { createVero, pickIdentity } from '@verotrack/core';
import { trpcTracking } from '@verotrack/trpc';
import { z } from 'zod';
import { addToCart, type User } from './your-app.ts';

export interface Context {
  readonly user: User | undefined;
  readonly res: ServerResponse;
}

export const vero = createVero(); // takes VERO_AUTH_TOKEN from the environment
const { trackEvent } = trpcTracking<Context>(vero, {
  identify: ({ ctx }) => pickIdentity(ctx.user, ['id', 'email']),
  response: ({ ctx }) => ctx.res, // so that an answer that never arrived is no success
});

const t = initTRPC.context<Context>().create();
export const router = t.router({
  addToCart: t.procedure
    .input(z.object({ name: z.string(), price: z.number() }))
    .use(trackEvent('add_to_cart', { data: ({ input }) => ({ item_name: input.name }) }))
    .mutation(({ input }) => addToCart(input)),
});
// #endregion
