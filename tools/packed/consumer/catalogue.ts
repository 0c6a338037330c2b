import { initTRPC } from '@trpc/server';
import { createVero, defineEvents, defineIdentity, event, type Vero } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import { createTracking, type NestContext, VeroModule } from '@verotrack/nestjs';
import { type TrackMeta, trpcTracking } from '@verotrack/trpc';
import { z } from 'zod';

interface Context {
  readonly user: { readonly id: string } | undefined;
}

export const events = defineEvents({
  add_to_cart: z.object({ item_name: z.string() }),
  counted: event<{ count: number }>(),
  logged_out: event(),
});
export const identity = defineIdentity(
  z.object({ id: z.string(), plan: z.enum(['free', 'pro']).optional() }),
);
export const vero = createVero({ events, identity, enabled: false });

export const { trackEvent, trackEvents } = expressTracking(vero, { identify: () => ({ id: '42' }) });
export const added = trackEvent('add_to_cart', { data: ({ req }) => ({ item_name: req.path }) });
export const changed = trackEvents(['counted', 'logged_out'], () => ({
  name: 'counted',
  data: { count: 1 },
}));

export const { TrackEvent } = createTracking(events, identity);
export class Shop {
  @TrackEvent('logged_out')
  @TrackEvent('add_to_cart', { data: ({ result }: NestContext<Shop['add']>) => ({ item_name: result }) })
  add(): string {
    return 'hat';
  }
}
export const module = VeroModule.forRoot({ client: vero });

export const tracking = trpcTracking<Context, typeof events, typeof identity>(vero, {
  identify: ({ ctx }) => ctx.user,
});
const t = initTRPC.context<Context>().meta<TrackMeta<Context, typeof events>>().create();
export const router = t.router({
  add: t.procedure
    .input(z.object({ name: z.string() }))
    .use(tracking.trackEvent('add_to_cart', { data: ({ input }) => ({ item_name: input.name }) }))
    .mutation(({ input }) => input.name),
  leave: t.procedure.meta({ track: 'logged_out' }).mutation(() => null),
});

export class Service {
  readonly vero: Vero<typeof events, typeof identity> = vero;

  count(): void {
    this.vero.track('counted', { data: { count: 1 } });
  }
}
