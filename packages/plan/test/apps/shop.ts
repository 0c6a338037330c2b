import { createVero, defineEvents, event } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import express from 'express';
import { z } from 'zod';

export const events = defineEvents({
  add_to_cart: z
    .object({ item_name: z.string(), price: z.number().describe('in euros') })
    .describe('A product was put into the cart'),
  purchased: z.object({ total: z.number().positive(), coupon: z.string().optional() }),
  viewed_cart: event(),
  logged_out: event(),
});

export const vero = createVero({ events });
const { trackEvent } = expressTracking(vero, {
  identify: ({ req }) => ({ id: String(req.headers.authorization) }),
});

export const app: express.Express = express();
app.post(
  '/cart/items',
  // #region route
  trackEvent('add_to_cart', {
    route: 'POST /cart/items',
    data: ({ req }) => ({ item_name: req.body.name, price: req.body.price }),
  }),
  // #endregion
  (_req, res) => void res.sendStatus(201),
);
app.get('/cart', trackEvent('viewed_cart'), (_req, res) => void res.sendStatus(200));

// What an application holds open, or says, is none of the command's.
setInterval(() => {}, 1_000);
console.log('The shop is loaded.');
