import { defineEvents, defineIdentity, event, type Vero } from '@verotrack/core';
import { z } from 'zod';

// #region events
/** Everything that the shops tell the marketing team. */
export const events = defineEvents({
  signed_up: event({ description: 'An account was made' }),
  logged_in: event({ description: 'A user logged in' }),
  viewed_cart: event({ description: 'A user looked at the cart' }),
  viewed_recommendations: event({ description: 'A user looked at what we recommend' }),
  add_to_cart: z
    .object({ item_name: z.string(), price: z.number().describe('in euros') })
    .describe('A product was put into the cart'),
  purchased: z
    .object({ order_id: z.string(), items: z.int().positive(), total: z.number().describe('in euros') })
    .describe('An order was placed and paid'),
  exported_catalogue: event({ description: 'A user downloaded the whole catalogue' }),
  deleted_account: event({ description: 'A user left us' }),
});

/** What Vero knows of our users: never the whole row, which has the password's hash in it. */
export const identity = defineIdentity(
  z.object({ id: z.string(), email: z.email(), plan: z.enum(['free', 'pro']) }),
);

/** A client that knows both. */
export type ShopVero = Vero<typeof events, typeof identity>;
// #endregion
