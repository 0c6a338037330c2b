/** What the recipes' applications have already: accounts, sessions, and something to do for those who are signed in. */
import { randomBytes } from 'node:crypto';
import { type User, Users } from '@verotrack/example-shop';
import type { RequestHandler } from 'express';
import session from 'express-session';

export type { User } from '@verotrack/example-shop';

declare module 'express-session' {
  interface SessionData {
    userId: string;
    /** What the next page says. */
    flash: string;
  }
}

declare global {
  namespace Express {
    interface Locals {
      user?: User | undefined;
      /** The same, if they agreed to be tracked. */
      trackedUser?: User | undefined;
    }
  }
}

/** Stands for the table of users. */
export const users: Users = new Users();

/** Stands for a secret of the environment. */
export const sessionSecret: string = randomBytes(32).toString('hex');

export interface Credentials {
  readonly email?: unknown;
  readonly password?: unknown;
}

/** @returns who has this password, without what is nobody's business; or `null` */
export async function authorize({
  email,
  password,
}: Credentials): Promise<Omit<User, 'passwordHash'> | null> {
  const user = await users.logIn(String(email), String(password));
  return user ? { id: user.id, email: user.email, plan: user.plan } : null;
}

const withConsent = new Set<string>();

/** Stands for a column of the table of users. */
export const consents = {
  give: (id: string): void => void withConsent.add(id),
  withdraw: (id: string): void => void withConsent.delete(id),
  isGiven: async (id: string): Promise<boolean> => withConsent.has(id),
};

export const sessions = (): RequestHandler =>
  session({ secret: sessionSecret, resave: false, saveUninitialized: false });

/** Puts the user of the session where the routes look for it. Behind `sessions`. */
export const loadUser: RequestHandler = (req, res, next) => {
  res.locals.user = users.find(req.session.userId);
  next();
};

export const logIn: RequestHandler = async (req, res) => {
  const user = await authorize(req.body);
  if (!user) return void res.sendStatus(401);
  req.session.userId = user.id;
  res.sendStatus(204);
};

export const answerOk: RequestHandler = (_req, res) => void res.sendStatus(200);

export const addItem: RequestHandler = (req, res) => {
  res.status(201).json({ name: req.body.name });
};
