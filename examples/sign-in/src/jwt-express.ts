// #region example
import { createVero, pickIdentity } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import express, { type RequestHandler } from 'express';
import { type TokenUser, userOf } from './tokens.ts';
import { addItem } from './your-app.ts';

declare global {
  namespace Express {
    interface Locals {
      tokenUser?: TokenUser | undefined;
    }
  }
}

const requireToken: RequestHandler = async (req, res, next) => {
  res.locals.tokenUser = await userOf(req.headers.authorization);
  if (res.locals.tokenUser) next();
  else res.sendStatus(401);
};

export const vero = createVero(); // takes VERO_AUTH_TOKEN from the environment
const { trackEvent } = expressTracking(vero, {
  identify: ({ res }) => pickIdentity(res.locals.tokenUser, ['id', 'email']),
});

export const app: express.Express = express();
app.post(
  '/cart/items',
  requireToken,
  express.json(),
  trackEvent('add_to_cart', { data: ({ req }) => ({ item_name: req.body.name }) }),
  addItem,
);
// #endregion
