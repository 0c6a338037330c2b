import { initTRPC } from '@trpc/server';
import { createVero, pickIdentity } from '@verotrack/core';
import { type TrackMeta, trpcTracking } from '@verotrack/trpc';
import { z } from 'zod';

interface Context {
  readonly user: { readonly id: string; readonly email: string } | undefined;
}

export const tracking = trpcTracking<Context>(createVero({ enabled: false }), {
  identify: ({ ctx }) => pickIdentity(ctx.user, ['id', 'email']),
});
const { trackEvent, trackFromMeta } = tracking;

const t = initTRPC.context<Context>().meta<TrackMeta<Context>>().create();
export const tracked = t.procedure.use(trackFromMeta());
export const loggedIn = tracked.use(({ ctx, next }) => {
  if (!ctx.user) throw new Error('Log in first.');
  return next({ ctx: { user: ctx.user } });
});
export const added = trackEvent.of<{ id: string }>()('add_to_cart', {
  data: ({ result }) => ({ id: result.id }),
});
export const router = t.router({
  add: loggedIn
    .input(z.object({ id: z.string() }))
    .use(added)
    .mutation(({ ctx, input }) => ({ id: input.id, by: ctx.user.id })),
  view: loggedIn.meta({ track: 'viewed' }).query(() => 'done'),
});
