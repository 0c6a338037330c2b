import { createVero, defineEvents, defineIdentity, event, pickIdentity, type Vero } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import type { TrackMeta } from '@verotrack/trpc';
import { trpcTracking } from '@verotrack/trpc';
import express from 'express';
import * as v from 'valibot';
import { z } from 'zod';
import { addItem, loadUser, type User } from './your-app.ts';

// #region define
export const events = defineEvents({
  add_to_cart: z.object({ item_name: z.string(), item_price: z.number().optional() }), // zod
  signed_up: v.object({ plan: v.picklist(['free', 'pro']) }), // valibot
  searched: event<{ term: string; hits: number }>(), // a type, which nothing checks at run time
  logged_out: event(), // no data
});

export const vero = createVero({ events });
// #endregion

// #region track
vero.track('signed_up', { identity: { id: '42' }, data: { plan: 'pro' } });
vero.track('logged_out', { identity: { id: '42' } });
// #endregion

export const wrong = (): void => {
  // #region wrong
  // @ts-expect-error Argument of type '"signd_up"' is not assignable to parameter of type '"add_to_cart" | "signed_up" | …
  vero.track('signd_up', { data: { plan: 'pro' } });
  // @ts-expect-error Type '"gold"' is not assignable to type '"free" | "pro"'.
  vero.track('signed_up', { data: { plan: 'gold' } });
  // @ts-expect-error 'coupon' does not exist in type 'DataOf<"signed_up", { plan: "free" | "pro"; }>'.
  vero.track('signed_up', { data: { plan: 'pro', coupon: 'SUMMER' } });
  // @ts-expect-error Type '{ reason: string; }' is not assignable to type '"event \"logged_out\" takes no data"'.
  vero.track('logged_out', { data: { reason: 'bored' } });
  // #endregion
};

// #region service
export class Accounts {
  readonly #vero: Vero<typeof events>;

  constructor(vero: Vero<typeof events>) {
    this.#vero = vero;
  }

  upgrade(user: User): void {
    this.#vero.trackOnSuccess('signed_up', { identity: pickIdentity(user, ['id']), data: { plan: 'pro' } });
  }
}
// #endregion

// #region express
const { trackEvent } = expressTracking(vero, {
  identify: ({ req }) => pickIdentity(req.user, ['id', 'email']),
});

export const app: express.Express = express();
app.use(express.json(), loadUser);
app.post(
  '/cart/items',
  trackEvent('add_to_cart', { data: ({ req }) => ({ item_name: req.body.name }) }),
  addItem,
);
// #endregion

interface Context {
  readonly user: User | undefined;
}

// #region trpc
export const tracking = trpcTracking<Context, typeof events>(vero, {
  identify: ({ ctx }) => pickIdentity(ctx.user, ['id', 'email']),
});

/** For `initTRPC.meta<Meta>()`: `.meta({ track: 'logged_out' })`. */
export type Meta = TrackMeta<Context, typeof events>;
// #endregion

// #region identity
export const identity = defineIdentity(
  z.object({ id: z.string(), email: z.email().nullish(), plan: z.enum(['trial', 'free', 'pro']) }),
);

export const strictVero = createVero({ events, identity }); // Vero<typeof events, typeof identity>
strictVero.track('logged_out', { identity: { id: '42', plan: 'free' } });
// #endregion
