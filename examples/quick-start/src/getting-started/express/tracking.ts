// #region tracking
import { createVero, pickIdentity } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';

/** One for the whole application. It takes VERO_AUTH_TOKEN and VERO_BASE_URL from the environment. */
export const vero = createVero();

export const { trackEvent, requestScope } = expressTracking(vero, {
  // Who it is, from what your session or token middleware left. Nobody: undefined, and no event.
  identify: ({ req }) => pickIdentity(req.user, ['id', 'email']),
});
// #endregion
