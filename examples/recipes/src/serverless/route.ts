// #region route
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { userOf } from '../your-app.ts';
import { router } from './trpc-router.ts';

const handler = (req: Request): Promise<Response> =>
  fetchRequestHandler({
    endpoint: '/api/trpc',
    req,
    router,
    createContext: () => ({ user: userOf(req.headers.get('authorization')) }),
  });

export { handler as GET, handler as POST };
// #endregion
