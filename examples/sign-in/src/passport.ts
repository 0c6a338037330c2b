// #region set-up
import { createVero, pickIdentity } from '@verotrack/core';
import { type ExpressContext, expressTracking } from '@verotrack/express';
import express from 'express';
import session from 'express-session';
import passport from 'passport';
import { Strategy } from 'passport-local';
import { type User as Account, addItem, sessionSecret, users } from './your-app.ts';

declare global {
  namespace Express {
    interface User extends Account {}
  }
}

passport.use(
  new Strategy({ usernameField: 'email' }, (email, password, done) => {
    users.logIn(email, password).then((user) => done(null, user ?? false), done);
  }),
);
passport.serializeUser((user, done) => done(null, user.id));
passport.deserializeUser<string>((id, done) => done(null, users.find(id) ?? false));

export const vero = createVero(); // takes VERO_AUTH_TOKEN from the environment
const identify = ({ req }: ExpressContext) => pickIdentity(req.user, ['id', 'email', 'plan']);
const { requestScope, trackEvent } = expressTracking(vero, { identify });

export const app: express.Express = express();
app.use(express.json(), express.urlencoded());
app.use(session({ secret: sessionSecret, resave: false, saveUninitialized: false }));
app.use(passport.session(), requestScope());

app.post(
  '/cart/items',
  trackEvent('add_to_cart', { data: ({ req }) => ({ item_name: req.body.name }) }),
  addItem,
);
// #endregion

// #region sign-in
app.post(
  '/login',
  passport.authenticate('local', { failureRedirect: '/login' }),
  trackEvent('signed_in', { identify }), // behind `authenticate`: who is refused does not come here
  (_req, res) => res.redirect(303, '/'),
);
// #endregion

// #region sign-up
app.post('/signup', trackEvent('signed_up', { identify }), async (req, res, next) => {
  const user = await users.signUp(req.body.email, req.body.password);
  if (!user) return res.status(409).json({ error: 'This e-mail address has an account.' });
  req.login(user, (error) => (error ? next(error) : res.redirect(303, '/')));
});
// #endregion

// #region sign-out
app.post('/logout', trackEvent('signed_out'), (req, res, next) => {
  req.logout((error) => (error ? next(error) : res.redirect(303, '/')));
});
// #endregion
