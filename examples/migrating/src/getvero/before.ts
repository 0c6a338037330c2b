// #region routes
import { Tracker } from '@getvero/tracking';
import express from 'express';
import { addToCart, loadUser, pastOrders, renderCart, requireUser, signUp } from '../your-app.ts';

const tracker = new Tracker({
  trackingApiKey: process.env.VERO_AUTH_TOKEN ?? '',
  trackingApiBaseUrl: process.env.VERO_BASE_URL ?? 'https://api.getvero.com',
});
const complain = (error: Error) => console.error(`Not tracked: ${error.message}`);

export const app: express.Express = express();
app.use(express.json(), loadUser);

app.post('/cart/items', requireUser, (req, res) => {
  const item = addToCart(req.body);
  tracker.event
    .track({
      identity: { userId: req.user?.id ?? '', email: req.user?.email ?? '' },
      eventName: 'add_to_cart',
      data: { item_name: item.name, item_price: item.price },
    })
    .catch(complain);
  res.status(201).send(renderCart(item));
});

app.post('/signup', async (req, res) => {
  const { id, email, plan } = signUp(req.body);
  await tracker.user.identify({ id, email, data: { plan } }).catch(complain);
  tracker.event.track({ identity: { userId: id, email }, eventName: 'signed_up' }).catch(complain);
  res.sendStatus(201);
});
// #endregion

// #region past
export async function importOrders(): Promise<void> {
  for (const { id, user, total, placedAt } of pastOrders()) {
    await tracker.event.track({
      identity: { userId: user.id, email: user.email },
      eventName: 'purchased',
      data: { order_id: id, total },
      extras: { source: 'shop', createdAt: placedAt.toISOString() },
    });
  }
}
// #endregion
