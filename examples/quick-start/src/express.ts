// #region example
import { createVero, pickIdentity } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import express from 'express';
import { addItem, loadUser } from './your-app.ts';

export const vero = createVero(); // takes VERO_AUTH_TOKEN from the environment
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
