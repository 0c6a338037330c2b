import { type inferRouterInputs, initTRPC } from '@trpc/server';
import { createVero, defineEvents, defineIdentity, event } from '@verotrack/core';
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { type TrackMeta, trpcTracking } from '../src/index.ts';

interface Context {
  readonly user: { readonly id: number } | null;
}

const events = defineEvents({
  add_to_cart: z.object({ item_name: z.string() }),
  viewed: z.object({ page: z.string() }).optional(),
  logged_out: event(),
});
const vero = createVero({ events, enabled: false });
const { trackEvent, trackFromMeta } = trpcTracking<Context, typeof events>(vero);
const t = initTRPC.context<Context>().meta<TrackMeta<Context, typeof events>>().create();
const named = t.procedure.input(z.object({ name: z.string() }));

/** Compiled, never run. */
const compiled = (_code: () => unknown): void => {};

describe('the types of the tRPC adapter with a catalogue', () => {
  it('know the names, the data and the input of the procedure', () => {
    const router = t.router({
      add: named
        .use(
          trackEvent('add_to_cart', {
            data: ({ input }) => {
              expectTypeOf(input).toEqualTypeOf<{ name: string }>();
              return { item_name: input.name };
            },
          }),
        )
        .mutation(({ input, ctx }) => {
          expectTypeOf(ctx.user).toEqualTypeOf<{ readonly id: number } | null>();
          return input.name;
        }),
      typed: named
        .use(
          trackEvent.of<{ id: string }>()('add_to_cart', {
            data: async ({ result }) => ({ item_name: result.id }),
          }),
        )
        .mutation(() => ({ id: 'hat' })),
      out: t.procedure.use(trackEvent('logged_out')).mutation(() => null),
    });
    expectTypeOf<inferRouterInputs<typeof router>['add']>().toEqualTypeOf<{ name: string }>();
  });

  it('refuse wrong names and data', () => {
    compiled(() => {
      // @ts-expect-error a typo
      named.use(trackEvent('add_to_crt', { data: { item_name: 'hat' } }));
      // @ts-expect-error no data
      named.use(trackEvent('add_to_cart'));
      // @ts-expect-error wrong data
      named.use(trackEvent('add_to_cart', { data: () => ({ item_name: 7 }) }));
      // @ts-expect-error no such property
      named.use(trackEvent('add_to_cart', { data: ({ input }) => ({ item_name: input.name, id: 7 }) }));
      // @ts-expect-error no such property, later
      named.use(trackEvent('add_to_cart', { data: async () => ({ item_name: 'hat', id: 7 }) }));
      // @ts-expect-error data where there is none
      named.use(trackEvent('logged_out', { data: { reason: 'bored' } }));
      // @ts-expect-error no such property of a typed result's event
      trackEvent.of<{ id: string }>()('add_to_cart', { data: ({ result }) => ({ item: result.id }) });
    });
  });

  it('know the events in meta, where a bare name is one that needs no data', () => {
    compiled(() => {
      const base = t.procedure.use(trackFromMeta());
      base.meta({ track: 'logged_out' });
      base.meta({ track: 'viewed' });
      base.meta({ track: { event: 'logged_out', on: 'handled' } });
      base.meta({ track: { event: 'add_to_cart', data: { item_name: 'hat' } } });
      base.meta({
        track: {
          event: 'add_to_cart',
          data: async ({ ctx, rawInput }) => ({ item_name: `${ctx.user?.id}${await rawInput()}` }),
          when: ({ ctx }) => ctx.user !== null,
        },
      });
      // @ts-expect-error its data is required
      base.meta({ track: 'add_to_cart' });
      // @ts-expect-error its data is required
      base.meta({ track: { event: 'add_to_cart' } });
      // @ts-expect-error a typo
      base.meta({ track: 'loged_out' });
      // @ts-expect-error a typo
      base.meta({ track: { event: 'loged_out' } });
      // @ts-expect-error wrong data
      base.meta({ track: { event: 'add_to_cart', data: () => ({ item_name: 7 }) } });
      // @ts-expect-error data where there is none
      base.meta({ track: { event: 'logged_out', data: { reason: 'bored' } } });
      // @ts-expect-error no such property
      base.meta({ track: { event: 'add_to_cart', data: { item_name: 'hat', id: 7 } } });
    });
  });

  it('want the catalogue of the client', () => {
    compiled(() => {
      // @ts-expect-error without it, events would be any
      trpcTracking<Context>(vero);
      // @ts-expect-error another
      trpcTracking<Context, typeof events>(createVero());
    });
  });

  it('know the attributes of defined users', () => {
    const identity = defineIdentity(z.object({ id: z.number(), plan: z.enum(['free', 'pro']) }));
    const users = createVero({ events, identity, enabled: false });
    compiled(() => {
      const tracking = trpcTracking<Context, typeof events, typeof identity>(users, {
        identify: ({ ctx }) => ctx.user && { id: ctx.user.id, plan: 'pro' },
      });
      // @ts-expect-error no plan
      tracking.trackEvent('logged_out', { identify: ({ ctx }) => ctx.user });
    });
  });
});
