// #region tracking
import { createVero, pickIdentity } from '@verotrack/core';
import { trpcTracking } from '@verotrack/trpc';
import type { Context } from './context.ts';

/** One for the whole application. It takes VERO_AUTH_TOKEN and VERO_BASE_URL from the environment. */
export const vero = createVero();

export const { trackEvent, requestScope } = trpcTracking<Context>(vero, {
  // Who it is, from what createContext found out. Nobody: undefined, and no event.
  identify: ({ ctx }) => pickIdentity(ctx.user, ['id', 'email']),
  response: ({ ctx }) => ctx.res, // so that an answer that never arrived is no success
});
// #endregion
