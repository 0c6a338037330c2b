import type { RequestHandler } from 'express';
import type { User } from '../your-app.ts';
import { db } from './database.ts';

declare global {
  namespace Express {
    interface Locals {
      /** Behind `requireUser`. */
      user: User;
    }
  }
}

// #region user
export const loadUser: RequestHandler = async (req, _res, next) => {
  const id = sessionOf(req.headers.authorization);
  req.user = id ? ((await db.user.findUnique({ where: { id } })) ?? undefined) : undefined;
  next();
};
// #endregion

export const requireUser: RequestHandler = (req, res, next) => {
  if (!req.user) return void res.sendStatus(401);
  res.locals.user = req.user;
  next();
};

/** Stands for a session: whose it is. */
const sessionOf = (session: string | undefined): string | undefined => session;
