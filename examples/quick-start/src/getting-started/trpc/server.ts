// #region server
import { createHTTPServer } from '@trpc/server/adapters/standalone';
import { createContext } from './context.ts';
import { router } from './router.ts';
import { vero } from './tracking.ts';

const server = createHTTPServer({ router, createContext });
server.listen(Number(process.env.PORT ?? 3000), 'localhost');

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => server.close(() => vero.close())); // 3
}
// #endregion
