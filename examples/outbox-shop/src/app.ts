import type { ShopVero } from '@verotrack/example-shop';
import { expressTracking } from '@verotrack/express';
import express, {
  type Application,
  type ErrorRequestHandler,
  type NextFunction,
  type Request,
  type Response,
} from 'express';
import { z } from 'zod';
import type { Database } from './database.ts';
import { Orders } from './orders.ts';

interface User {
  readonly id: string;
  readonly email: string;
  readonly plan: 'free' | 'pro';
}

declare global {
  namespace Express {
    interface Request {
      /** Who is logged in. */
      user?: User | undefined;
    }
    interface Locals {
      user: User;
    }
  }
}

const Wish = z.object({ productId: z.string(), items: z.int().positive().default(1) });
/** Of Postgres, when a CHECK is broken. */
const CHECK_VIOLATION = '23514';

export function createApp(vero: ShopVero, db: Database): Application {
  const orders = new Orders(db, vero);
  const app = express();
  app.disable('x-powered-by');
  app.use(express.json());
  app.use((req, _res, next) => {
    req.user = userOf(req);
    next();
  });

  const { trackEvent, requestScope } = expressTracking(vero, { identify: ({ req }) => req.user });
  app.use(requestScope());

  // No declaration here: the event is in the transaction, and is true when that is committed, whatever the answer is.
  app.post('/orders', requireUser, async (req, res) => {
    const { productId, items } = Wish.parse(req.body);
    const order = await orders.place({ userId: res.locals.user.id, productId, items });
    if (!order) throw refusal(404, 'There is no such product.');
    res.status(201).json(order);
  });

  // Nothing is stored here that the event could belong to: it is true when the answer was sent.
  app.get(
    '/recommendations',
    requireUser,
    trackEvent('viewed_recommendations', { route: 'GET /recommendations' }),
    async (_req, res) => {
      res.json(await orders.productsInStock());
    },
  );

  app.use(answerError);
  return app;
}

/** Stands for a session, which the Express shop has. */
function userOf(req: Request): User | undefined {
  const id = req.get('x-user');
  return id === undefined ? undefined : { id, email: `${id}@example.com`, plan: 'free' };
}

function requireUser(req: Request, res: Response, next: NextFunction): void {
  if (!req.user) throw refusal(401, 'Log in first.');
  res.locals.user = req.user;
  next();
}

/** An error whose message is for the visitor. */
function refusal(status: number, message: string): Error & { readonly status: number } {
  return Object.assign(new Error(message), { status });
}

const answerError: ErrorRequestHandler = (error: Error & { code?: string }, _req, res, next) => {
  if (res.headersSent) return next(error);
  const { status, message } = answerTo(error);
  res.status(status).json({ error: message });
};

function answerTo(error: Error & { code?: string; status?: number }): { status: number; message: string } {
  if (error instanceof z.ZodError) return { status: 400, message: error.message };
  if (error.code === CHECK_VIOLATION) return { status: 409, message: 'There are not so many.' };
  const { status = 500, message } = error;
  return status < 500 ? { status, message } : { status, message: 'Something went wrong.' };
}
