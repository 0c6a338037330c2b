import type { Middleware } from 'koa';

export interface User {
  readonly id: string;
  readonly email: string;
}

export interface Item {
  readonly id: number;
  readonly name: string;
}

/** Stands in for a session. */
export const loadUser: Middleware = (ctx, next) => {
  ctx.state.user = { id: '42', email: 'jane@example.com' } satisfies User;
  return next();
};

export const addItem: Middleware = (ctx) => {
  ctx.body = { id: 7, name: String(ctx.query.name) } satisfies Item;
};
