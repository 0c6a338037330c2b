// #region context
import type { CreateHTTPContextOptions } from '@trpc/server/adapters/standalone';
import { type User, userOf } from './your-app.ts';

export interface Context {
  readonly user: User | undefined;
  readonly res: CreateHTTPContextOptions['res'];
}

export const createContext = ({ req, res }: CreateHTTPContextOptions): Context => ({
  user: userOf(req),
  res,
});
// #endregion
