import { createVero, pickIdentity } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import express, { type ErrorRequestHandler } from 'express';
import { loadUser, logIn, sessions } from './your-app.ts';

export const vero = createVero(); // takes VERO_AUTH_TOKEN from the environment
const { requestScope, trackErrors, trackEvent } = expressTracking(vero, {
  identify: ({ res }) => pickIdentity(res.locals.user, ['id', 'email']),
});

const isTopic = (topic: unknown): topic is string => topic === 'shoes' || topic === 'hats';

export const app: express.Express = express();
app.use(express.urlencoded(), sessions(), loadUser, requestScope());
app.post('/login', logIn);
app.get(['/newsletter', '/welcome'], (req, res) => void res.send(req.session.flash));

// #region cancel
app.post('/newsletter', trackEvent('subscribed'), (req, res) => {
  if (!isTopic(req.body.topic)) {
    req.session.flash = 'Choose shoes or hats.';
    vero.cancelTracking('refused');
    return res.redirect(303, '/newsletter');
  }
  req.session.flash = `You will hear of new ${req.body.topic}.`;
  res.redirect(303, '/welcome');
});
// #endregion

// #region success
app.post(
  '/survey',
  trackEvent('answered_survey', { success: ({ res }) => res.get('location') === '/welcome' }),
  (req, res) => res.redirect(303, req.body.answer ? '/welcome' : '/survey'),
);
// #endregion

// #region on-success
app.post('/wishlist', (req, res) => {
  if (!req.body.item) return res.redirect(303, '/wishlist');
  vero.trackOnSuccess('added_to_wishlist', { data: { item_name: req.body.item } });
  res.redirect(303, '/welcome');
});
// #endregion

// #region errors
app.post('/orders', trackEvent('ordered'), () => {
  throw new Error('It is sold out.');
});

const backToTheForm: ErrorRequestHandler = (error, req, res, _next) => {
  req.session.flash = error.message;
  res.redirect(303, '/newsletter');
};
app.use(trackErrors(), backToTheForm);
// #endregion
