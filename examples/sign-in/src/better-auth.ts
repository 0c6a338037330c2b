// #region auth
import { createVero, pickIdentity } from '@verotrack/core';
import { betterAuth } from 'better-auth';
import { createAuthMiddleware } from 'better-auth/api';
import { database, gitlabApp } from './your-auth.ts';

export const vero = createVero(); // takes VERO_AUTH_TOKEN from the environment

export const auth = betterAuth({
  database,
  emailAndPassword: { enabled: true },
  socialProviders: { gitlab: gitlabApp },
  databaseHooks: {
    user: {
      create: {
        // The account is there, whichever way it was made, and whatever becomes of the response: so `track`.
        after: async (user) => vero.track('signed_up', { identity: pickIdentity(user, ['id', 'email']) }),
      },
    },
  },
  hooks: {
    after: createAuthMiddleware(async ({ path, context }) => {
      if (!/^\/(sign-in|callback)\//.test(path)) return; // an address and a password; back from a provider
      const user = context.newSession?.user; // nobody, if the password was wrong
      if (user) vero.trackOnSuccess('signed_in', { identity: pickIdentity(user, ['id', 'email']) });
    }),
  },
});
// #endregion
