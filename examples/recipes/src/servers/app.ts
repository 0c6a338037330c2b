import { pickIdentity, type Vero } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import express from 'express';
import { loadUser, placeOrder } from '../your-app.ts';

/** The application: what it is does not depend on where and how often it runs. */
export function createApp(vero: Vero): express.Express {
  const { trackEvent } = expressTracking(vero, {
    identify: ({ req }) => pickIdentity(req.user, ['id', 'email']),
  });
  const app = express();
  app.get('/ready', (_req, res) => void res.sendStatus(200));
  app.use(express.json(), loadUser);
  app.post(
    '/orders',
    trackEvent('purchased', { data: ({ res }) => ({ order_id: res.locals.orderId }) }),
    async (req, res) => {
      const order = await placeOrder(req.body.item);
      res.locals.orderId = order.id;
      res.status(201).json(order);
    },
  );
  return app;
}
