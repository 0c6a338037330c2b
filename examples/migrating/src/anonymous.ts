import { createVero, pickIdentity } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import express from 'express';
import { tellVero } from './vero-users.ts';
import { loadUser, signUp, visitorOf } from './your-app.ts';

export const vero = createVero();

// #region visitors
const { trackEvent } = expressTracking(vero, {
  // A visitor's id is from the session, which the server made. Nothing else is known, so there is no e-mail address.
  identify: ({ req }) => pickIdentity(req.user, ['id', 'email']) ?? { id: visitorOf(req) },
});
// #endregion

export const app: express.Express = express();
app.use(express.json(), loadUser);
app.get('/shoes', trackEvent('viewed_item'), (_req, res) => void res.send('<p>Shoes</p>'));

// #region alias
app.post(
  '/signup',
  trackEvent('signed_up', { identify: ({ res }) => pickIdentity(res.locals.user, ['id', 'email']) }),
  (req, res) => {
    const user = signUp(req.body);
    // What the visitor did becomes the user's. The response does not wait for it; if it fails the two stay apart.
    tellVero('PUT', 'users/reidentify', { id: visitorOf(req), new_id: user.id }).catch(console.error);
    res.locals.user = user;
    res.sendStatus(201);
  },
);
// #endregion
