// #region app
import { waitUntil } from '@vercel/functions';
import { createVero, pickIdentity } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import express from 'express';
import { loadUser, placeOrder } from '../your-app.ts';

const vero = createVero({ preset: 'serverless', waitUntil });
const { trackEvent } = expressTracking(vero, {
  identify: ({ req }) => pickIdentity(req.user, ['id', 'email']),
});

const app: express.Express = express();
app.use(express.json(), loadUser);
app.post('/orders', trackEvent('purchased'), async (req, res) => {
  res.status(201).json(await placeOrder(req.body.item));
});

export default app;
// #endregion
