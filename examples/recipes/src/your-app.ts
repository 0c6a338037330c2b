/** What the recipes' applications have already: users, orders, receipts, and how a request's user is known. */
import { randomUUID } from 'node:crypto';
import type { TrackedRequest } from '@verotrack/nestjs';
import type { RequestHandler } from 'express';

export interface User {
  readonly id: string;
  readonly email: string;
  readonly plan: string;
  readonly passwordHash: string;
}

export interface Order {
  readonly id: string;
  readonly item: string;
}

/** What a job is told. Who it is for was put there by the server that knew. */
export interface Receipt {
  readonly orderId: string;
  readonly user: { readonly id: string; readonly email: string };
}

/** A request of a Nest application, with its user. */
export interface AppRequest extends TrackedRequest {
  user?: User;
}

declare global {
  namespace Express {
    interface Request {
      user?: User | undefined;
    }
  }
}

const users: readonly User[] = [
  { id: '42', email: 'jane@example.com', plan: 'trial', passwordHash: 'not for anybody' },
  { id: '43', email: 'joe@example.com', plan: 'trial', passwordHash: 'not for anybody' },
];

/** Stands for a session. */
export const userOf = (session: string | null | undefined): User | undefined =>
  users.find(({ id }) => id === session);

export const loadUser: RequestHandler = (req, _res, next) => {
  req.user = userOf(req.headers.authorization);
  next();
};

export async function placeOrder(item: string): Promise<Order> {
  if (item === 'sold out') throw new Error('The item is sold out.');
  return { id: randomUUID(), item };
}

/** How often each receipt was tried. */
const attempts = new Map<string, number>();

/** Fails the first time for an order that says so, and always for one that says that. */
export async function sendReceipt({ orderId }: Receipt): Promise<void> {
  const attempt = (attempts.get(orderId) ?? 0) + 1;
  attempts.set(orderId, attempt);
  if (orderId.startsWith('never') || (orderId.startsWith('later') && attempt === 1))
    throw new Error('The mail server is down.');
}

export const usersWhoseTrialIsOver = async (): Promise<readonly User[]> => users;

export async function endTrial(user: User): Promise<void> {
  if (user.id === '43') throw new Error('The billing service is down.');
}
