import { createVero, pickIdentity } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import express from 'express';
import { addToCart, loadUser } from './your-app.ts';

export const vero = createVero();
const { trackEvent } = expressTracking(vero, {
  identify: ({ req }) => pickIdentity(req.user, ['id', 'email']),
});

export const app: express.Express = express();
app.use(express.json(), loadUser);

// #region example
app.post('/orders', trackEvent('ordered'), async (req, res) => {
  vero.track('began_order'); // now, whatever becomes of the order
  await vero.send('asked_for_receipt'); // now, and Vero has it when the promise resolves
  const { name } = addToCart(req.body); // may throw
  vero.trackOnSuccess('reserved', { data: { item_name: name } }); // with these data, if the request succeeds
  res.status(201).json({ name }); // and then `ordered`, too
});
// #endregion
