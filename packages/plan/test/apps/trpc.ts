import { initTRPC, lazy } from '@trpc/server';
import { createVero, defineEvents, event } from '@verotrack/core';
import { definePlan } from '@verotrack/plan';
import { type TrackMeta, trpcTracking } from '@verotrack/trpc';
import * as v from 'valibot';

const events = defineEvents({
  added: v.pipe(
    v.object({ name: v.pipe(v.string(), v.description('the product')), count: v.optional(v.number()) }),
    v.description('Into the cart'),
  ),
  viewed: event(),
  listed: event(),
});
const vero = createVero({ events });
const t = initTRPC.meta<TrackMeta>().create();
const { trackEvent, trackFromMeta } = trpcTracking<object, typeof events>(vero);

const add = trackEvent('added', { data: { name: 'shoes' }, on: 'handled', unique: true });
const base = t.procedure.use(trackFromMeta());

const cart = t.router({
  add: t.procedure
    .use(add)
    .use(add)
    .mutation(() => 'added'),
  view: base.meta({ track: { event: 'viewed', when: () => true } }).query(() => 'cart'),
});
const reports = t.router({
  list: base.meta({ track: 'listed' }).subscription(async function* () {
    yield 'report';
  }),
});
// Declared, and in no procedure.
trackEvent('viewed');

export const router = t.router({
  cart,
  deep: t.router({ reports: lazy(async () => reports) }),
  lost: t.procedure.meta({ track: 'viewed' }).query(() => 'no event'),
  wrong: base.meta({ track: { event: 'viewed', wehn: true } as never }).query(() => 'no event'),
});

// #region entry
export const plan = definePlan({ vero, router });
// #endregion
