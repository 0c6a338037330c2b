/** The same shop with Verotrack, whichever client it tracked with before. */
// #region routes
import { createVero, pickIdentity } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import express from 'express';
import { addToCart, loadUser, pastOrders, renderCart, requireUser, signUp } from './your-app.ts';

export const vero = createVero(); // takes VERO_AUTH_TOKEN from the environment
const { trackEvent } = expressTracking(vero, {
  identify: ({ req }) => pickIdentity(req.user, ['id', 'email']),
});

export const app: express.Express = express();
app.use(express.json(), loadUser);

app.post(
  '/cart/items',
  requireUser,
  trackEvent('add_to_cart', {
    data: ({ req }) => ({ item_name: req.body.name, item_price: req.body.price }),
  }),
  (req, res) => {
    const item = addToCart(req.body);
    res.status(201).send(renderCart(item));
  },
);

app.post(
  '/signup',
  trackEvent('signed_up', {
    // Who signed up is known by the result. The plan stays on the profile, as with identify.
    identify: ({ res }) => pickIdentity(res.locals.user, ['id', 'email', 'plan']),
  }),
  (req, res) => {
    res.locals.user = signUp(req.body);
    res.sendStatus(201);
  },
);
// #endregion

// #region past
export function importOrders(): void {
  for (const { id, user, total, placedAt } of pastOrders()) {
    vero.track('purchased', {
      identity: pickIdentity(user, ['id', 'email']),
      data: { order_id: id, total },
      createdAt: placedAt,
      eventId: `order-${id}`,
    });
  }
}
// #endregion

export async function shutDown(): Promise<void> {
  // #region close
  const { delivered, dropped } = await vero.close({ timeout: 10_000 });
  if (dropped > 0) console.error(`${dropped} events were given up, ${delivered} delivered`);
  // #endregion
}
