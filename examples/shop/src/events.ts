import { defineEvents, defineIdentity, event, type Vero } from '@verotrack/core';
import { z } from 'zod';

// #region events
/** Everything that the shops tell the marketing team. */
export const events = defineEvents({
  signed_up: event(),
  logged_in: event(),
  viewed_cart: event(),
  viewed_recommendations: event(),
  add_to_cart: z
    .object({ item_name: z.string(), price: z.number().describe('in euros') })
    .describe('A product was put into the cart'),
  purchased: z
    .object({ order_id: z.string(), items: z.int().positive(), total: z.number().describe('in euros') })
    .describe('An order was placed and paid'),
  exported_catalogue: event(),
  deleted_account: event(),
});

/** What Vero knows of our users: never the whole row, which has the password's hash in it. */
export const identity = defineIdentity(
  z.object({ id: z.string(), email: z.email(), plan: z.enum(['free', 'pro']) }),
);

/** A client that knows both. */
export type ShopVero = Vero<typeof events, typeof identity>;
// #endregion
