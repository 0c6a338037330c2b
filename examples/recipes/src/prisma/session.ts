import type { RequestHandler } from 'express';
import { db } from './database.ts';

// #region user
export const loadUser: RequestHandler = async (req, _res, next) => {
  const id = sessionOf(req.headers.authorization);
  req.user = id ? ((await db.user.findUnique({ where: { id } })) ?? undefined) : undefined;
  next();
};
// #endregion

export const requireUser: RequestHandler = (req, res, next) => {
  if (req.user) next();
  else res.sendStatus(401);
};

/** Stands for a session: whose it is. */
const sessionOf = (session: string | undefined): string | undefined => session;
