// #region router
import { initTRPC } from '@trpc/server';
import { z } from 'zod';
import type { Context } from './context.ts';
import { trackEvent } from './tracking.ts'; // 1
import { addToCart } from './your-app.ts';

const t = initTRPC.context<Context>().create();

export const router = t.router({
  addToCart: t.procedure
    .input(z.object({ name: z.string(), price: z.number() }))
    .use(trackEvent('add_to_cart', { data: ({ input }) => ({ item_name: input.name }) })) // 2
    .mutation(({ input }) => addToCart(input)),
});
// #endregion
