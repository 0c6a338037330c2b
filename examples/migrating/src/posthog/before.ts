// #region routes
import express from 'express';
import { PostHog } from 'posthog-node';
import { addToCart, loadUser, pastOrders, renderCart, requireUser, signUp } from '../your-app.ts';

const posthog = new PostHog(process.env.POSTHOG_KEY ?? '', {
  host: process.env.POSTHOG_HOST ?? 'https://us.i.posthog.com',
});
posthog.on('error', (error) => console.error(`Not tracked: ${error.message}`));

export const app: express.Express = express();
app.use(express.json(), loadUser);

app.post('/cart/items', requireUser, (req, res) => {
  const item = addToCart(req.body);
  posthog.capture({
    distinctId: req.user?.id ?? '',
    event: 'add_to_cart',
    properties: { item_name: item.name, item_price: item.price, $set: { email: req.user?.email } },
  });
  res.status(201).send(renderCart(item));
});

app.post('/signup', (req, res) => {
  const { id, email, plan } = signUp(req.body);
  posthog.identify({ distinctId: id, properties: { email, plan } });
  posthog.capture({ distinctId: id, event: 'signed_up' });
  res.sendStatus(201);
});
// #endregion

// #region past
export function importOrders(): void {
  for (const { id, user, total, placedAt } of pastOrders()) {
    posthog.capture({
      distinctId: user.id,
      event: 'purchased',
      properties: { order_id: id, total, $set: { email: user.email } },
      timestamp: placedAt,
    });
  }
}
// #endregion

export async function shutDown(): Promise<void> {
  // #region close
  await posthog.shutdown(10_000);
  // #endregion
}
