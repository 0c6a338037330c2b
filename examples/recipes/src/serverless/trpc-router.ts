// #region router
import { initTRPC } from '@trpc/server';
import { waitUntil } from '@vercel/functions';
import { createVero, pickIdentity } from '@verotrack/core';
import { trpcTracking } from '@verotrack/trpc';
import { z } from 'zod';
import { placeOrder, type User } from '../your-app.ts';

export interface Context {
  readonly user: User | undefined;
}

const vero = createVero({ preset: 'serverless', waitUntil });
const { trackEvent } = trpcTracking<Context>(vero, {
  identify: ({ ctx }) => pickIdentity(ctx.user, ['id', 'email']),
});

const t = initTRPC.context<Context>().create();
export const router = t.router({
  placeOrder: t.procedure
    .input(z.object({ item: z.string() }))
    .use(trackEvent('purchased', { data: ({ input }) => ({ item_name: input.item }) }))
    .mutation(({ input }) => placeOrder(input.item)),
});
// #endregion
