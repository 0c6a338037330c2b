/** What the applications have already, whichever client they track with. */
import type { Request, RequestHandler } from 'express';

export interface User {
  readonly id: string;
  readonly email: string;
  readonly plan: string;
  readonly passwordHash: string;
}

export interface Item {
  readonly name: string;
  readonly price: number;
}

export interface Order {
  readonly id: string;
  readonly user: User;
  readonly total: number;
  readonly placedAt: Date;
}

declare global {
  namespace Express {
    interface Request {
      user?: User | undefined;
    }
  }
}

const jane: User = { id: '42', email: 'jane@example.com', plan: 'pro', passwordHash: 'not for anybody' };

/** Stands for a session. */
export const loadUser: RequestHandler = (req, _res, next) => {
  if (req.headers.authorization === jane.id) req.user = jane;
  next();
};

export const requireUser: RequestHandler = (req, res, next) => {
  if (req.user) next();
  else res.sendStatus(401);
};

export function addToCart(item: Item): Item {
  if (item.name === 'sold out') throw new Error('The item is sold out.');
  return item;
}

/** What the browser gets: made last, when the item is in the cart. */
export function renderCart(item: Item): string {
  if (item.name === 'unprintable') throw new Error('The template is broken.');
  return `<p>${item.name}</p>`;
}

export function signUp({ email }: { readonly email: string }): User {
  return { id: '43', email, plan: 'trial', passwordHash: 'not for anybody' };
}

/** Stands for a table of orders from before anything was tracked. */
export const pastOrders = (): readonly Order[] => [
  { id: '1001', user: jane, total: 40, placedAt: new Date('2026-01-31T12:00:00.000Z') },
];

/** Stands for the id that a session has from its first request on. */
export const visitorOf = (_req: Request): string => 'visitor-7f3a';
