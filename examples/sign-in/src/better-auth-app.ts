// #region app
import { pickIdentity } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import { fromNodeHeaders, toNodeHandler } from 'better-auth/node';
import express, { type RequestHandler } from 'express';
import { auth, vero } from './better-auth.ts';
import { addItem } from './your-app.ts';

const loadSession: RequestHandler = async (req, res, next) => {
  res.locals.session = await auth.api.getSession({ headers: fromNodeHeaders(req.headers) });
  next();
};

const { requestScope, trackEvent } = expressTracking(vero, {
  identify: ({ res }) => pickIdentity(res.locals.session?.user, ['id', 'email']),
});

export const app: express.Express = express();
app.post('/api/auth/sign-out', loadSession, trackEvent('signed_out')); // goes on to the next line
app.all('/api/auth/*splat', requestScope(), toNodeHandler(auth)); // before express.json()
app.use(express.json(), loadSession);
app.post(
  '/cart/items',
  trackEvent('add_to_cart', { data: ({ req }) => ({ item_name: req.body.name }) }),
  addItem,
);
// #endregion
