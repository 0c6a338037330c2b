import { createVero, defineEvents, event, type PendingEvent, pickIdentity } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import express, { type RequestHandler } from 'express';
import { z } from 'zod';
import { answerOk, consents, loadUser, logIn, sessions } from './your-app.ts';

// #region catalogue
export const events = defineEvents({
  searched: z.object({ term: z.string().transform((term) => term.replace(/\S+@\S+/g, '[e-mail]')) }),
  asked_support: event<{ topic: string; ip?: string }>(),
  viewed_prescription: event(),
});
// #endregion

// #region redact
/** What marketing need not know. */
function redact(pending: PendingEvent): PendingEvent | null {
  if (pending.name === 'viewed_prescription') return null; // not sent at all
  const { ip: _, ...data } = pending.data ?? {};
  return { ...pending, data };
}
// #endregion

// #region client
export const vero = createVero({
  events,
  beforeAccept: redact,
  beforeSend: ({ identity }) => consents.isGiven(String(identity.id)), // a query, if need be
  allowAttributes: ['token_balance'], // it looks like a secret, and is none
});
// #endregion

// #region identify
/** Behind the session. */
const loadConsent: RequestHandler = async (_req, res, next) => {
  const { user } = res.locals;
  res.locals.trackedUser = user && (await consents.isGiven(user.id)) ? user : undefined;
  next();
};

const { trackEvent } = expressTracking(vero, {
  identify: ({ res }) => pickIdentity(res.locals.trackedUser, ['id', 'email']), // without consent, nobody
});
// #endregion

// #region forget
/**
 * Forgets a user's events that wait here. Delete the user at Vero afterwards.
 *
 * @returns how many events still wait, of all users
 */
export async function forget(id: string): Promise<number> {
  consents.withdraw(id); // so that `beforeSend` lets none of them out
  const isTheirs = (body: string) => JSON.parse(body).identity.id === id;
  // Dead letters that are put back are asked for, too, and so are gone.
  await vero.deadLetters.replay({ filter: ({ record }) => isTheirs(record.body) });
  const { pending } = await vero.flush({ timeout: 5_000 });
  return pending;
}
// #endregion

export const app: express.Express = express();
app.use(express.json(), sessions());
app.post('/login', logIn);
app.use(loadUser, loadConsent);
app.get(
  '/search',
  trackEvent('searched', { data: ({ req }) => ({ term: String(req.query.term) }) }),
  answerOk,
);
app.post(
  '/support',
  trackEvent('asked_support', {
    data: ({ req }) => ({ topic: req.body.topic, ...(req.ip && { ip: req.ip }) }),
  }),
  answerOk,
);
app.get('/prescriptions', trackEvent('viewed_prescription'), answerOk);
