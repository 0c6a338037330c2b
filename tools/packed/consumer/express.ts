import { createVero, pickIdentity } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import express from 'express';

interface User {
  readonly id: number;
  readonly email: string | null;
}

declare global {
  namespace Express {
    interface Request {
      user?: User;
    }
  }
}

export const vero = createVero({ enabled: false });
export const tracking = expressTracking(vero, {
  identify: ({ req }) => pickIdentity(req.user, ['id', 'email']),
});
export const { trackEvent, trackEvents, requestScope } = tracking;
export const added = trackEvent('add_to_cart', { data: ({ req }) => ({ name: req.body.name }) });
export const changed = trackEvents(['upgraded', 'downgraded'], ({ res }) => ({
  name: res.locals.up ? 'upgraded' : 'downgraded',
}));

export const app: express.Express = express();
app.post('/items', requestScope(), added, changed, (req, res) => void res.json({ id: req.user?.id }));
