// #region config
import { ExpressAuth, type ExpressAuthConfig, getSession, type User } from '@auth/express';
import Credentials from '@auth/express/providers/credentials';
import { createVero, type Identity, pickIdentity } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import express, { type RequestHandler } from 'express';
import { addItem, authorize } from './your-app.ts';

export const vero = createVero(); // takes VERO_AUTH_TOKEN from the environment

/** In the types of Auth.js a user may have no id; in practice each has one. */
const identityOf = ({ id, email }: User): Identity | undefined => (id ? { id, email } : undefined);

const authConfig: ExpressAuthConfig = {
  trustHost: true,
  providers: [Credentials({ credentials: { email: {}, password: {} }, authorize })],
  callbacks: {
    // Without this, the session that the server sees has no id.
    session: ({ session, token }) => Object.assign(session, { user: { ...session.user, id: token.sub } }),
  },
  events: {
    signIn({ user }) {
      vero.trackOnSuccess('signed_in', { identity: identityOf(user) });
    },
    signOut(message) {
      const { sub: id, email } = ('token' in message && message.token) || {};
      vero.trackOnSuccess('signed_out', { identity: id ? { id, email } : undefined });
    },
  },
};
// #endregion

// #region app
const loadSession: RequestHandler = async (req, res, next) => {
  res.locals.session = await getSession(req, authConfig);
  next();
};

const { requestScope, trackEvent } = expressTracking(vero, {
  identify: ({ res }) => pickIdentity(res.locals.session?.user, ['id', 'email']),
});

export const app: express.Express = express();
app.use('/auth', requestScope(), ExpressAuth(authConfig));
app.use(express.json(), loadSession);
app.post(
  '/cart/items',
  trackEvent('add_to_cart', { data: ({ req }) => ({ item_name: req.body.name }) }),
  addItem,
);
// #endregion
