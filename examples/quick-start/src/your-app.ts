/** What the READMEs' applications have already: users, carts, and how a request's user is known. */
import type { IncomingMessage } from 'node:http';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { TrackedRequest } from '@verotrack/nestjs';
import type { RequestHandler } from 'express';

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

/** A request with its user, behind the guard. */
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
export const userOf = ({ headers }: Pick<IncomingMessage, 'headers'>): User | undefined =>
  users.find(({ id }) => id === headers.authorization);

export const loadUser: RequestHandler = (req, _res, next) => {
  req.user = userOf(req);
  next();
};

export class AuthGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<AppRequest>();
    const user = userOf(request);
    if (user) request.user = user;
    return user !== undefined;
  }
}

export function addToCart(item: Item): Item {
  if (item.name === 'sold out') throw new Error('The item is sold out.');
  return item;
}

export const addItem: RequestHandler = (req, res) => void res.status(201).json(addToCart(req.body));

export async function bodyOf(request: IncomingMessage): Promise<Item> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return JSON.parse(text) as Item;
}

export const usersWhoseTrialIsOver = async (): Promise<readonly User[]> => users;

export async function endTrial(user: User): Promise<void> {
  if (user.id === '43') throw new Error('The billing service is down.');
}
