// #region routes
import { Analytics } from '@segment/analytics-node';
import express from 'express';
import { addToCart, loadUser, pastOrders, renderCart, requireUser, signUp } from '../your-app.ts';

const analytics = new Analytics({
  writeKey: process.env.SEGMENT_WRITE_KEY ?? '',
  host: process.env.SEGMENT_HOST ?? 'https://api.segment.io',
});
analytics.on('error', ({ code }) => console.error(`Not tracked: ${code}`));

export const app: express.Express = express();
app.use(express.json(), loadUser);

app.post('/cart/items', requireUser, (req, res) => {
  const item = addToCart(req.body);
  analytics.track({
    userId: req.user?.id ?? '',
    event: 'add_to_cart',
    properties: { item_name: item.name, item_price: item.price },
    context: { traits: { email: req.user?.email } },
  });
  res.status(201).send(renderCart(item));
});

app.post('/signup', (req, res) => {
  const { id, email, plan } = signUp(req.body);
  analytics.identify({ userId: id, traits: { email, plan } });
  analytics.track({ userId: id, event: 'signed_up' });
  res.sendStatus(201);
});
// #endregion

// #region past
export function importOrders(): void {
  for (const { id, user, total, placedAt } of pastOrders()) {
    analytics.track({
      userId: user.id,
      event: 'purchased',
      properties: { order_id: id, total },
      context: { traits: { email: user.email } },
      timestamp: placedAt,
      messageId: `order-${id}`,
    });
  }
}
// #endregion

export async function shutDown(): Promise<void> {
  // #region close
  await analytics.closeAndFlush({ timeout: 10_000 });
  // #endregion
}
