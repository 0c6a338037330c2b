// #region app
import { createVero, pickIdentity } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import express from 'express';
import { db } from './database.ts';
import { loadUser, requireUser } from './session.ts';

export const vero = createVero();
const { requestScope } = expressTracking(vero, {
  identify: ({ req }) => pickIdentity(req.user, ['id', 'email', 'plan']), // no other column
});

export const app: express.Express = express();
app.use(express.json(), loadUser, requestScope());

app.post('/orders', requireUser, async (req, res) => {
  const { id, total } = req.body;
  const order = await db.$transaction(async (tx) => await tx.order.create({ data: { id, total } }));
  vero.trackOnSuccess('purchased', { data: { order_id: order.id, total: order.total } });
  res.status(201).json(order);
});
// #endregion
