import { randomBytes } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { pickIdentity } from '@verotrack/core';
import {
  catalogue,
  catalogueAsCsv,
  Orders,
  type Product,
  type ShopVero,
  type User,
  Users,
} from '@verotrack/example-shop';
import { expressTracking } from '@verotrack/express';
import express, {
  type Application,
  type ErrorRequestHandler,
  type NextFunction,
  type Request,
  type Response,
} from 'express';
import session from 'express-session';
import { z } from 'zod';
import { charge } from './charge.ts';

declare module 'express-session' {
  interface SessionData {
    userId: string;
  }
}

declare global {
  namespace Express {
    interface Request {
      /** Who is logged in. */
      user?: User | undefined;
    }
    /** What a route leaves for its event. */
    interface Locals {
      user: User;
      product: Product;
    }
  }
}

const Credentials = z.object({ email: z.email(), password: z.string().min(8) });
const CartItem = z.object({ productId: z.string() });
const Payment = z.object({ card: z.string() });

export function createApp(vero: ShopVero): Application {
  const users = new Users();
  const orders = new Orders(vero);

  const app = express();
  app.disable('x-powered-by');
  app.use(express.json(), express.urlencoded());
  app.use(session({ secret: randomBytes(32).toString('hex'), resave: false, saveUninitialized: false }));
  app.use((req, _res, next) => {
    req.user = users.find(req.session.userId);
    next();
  });

  const { trackEvent, requestScope } = expressTracking(vero, {
    // Never the whole row: it has the password's hash in it.
    identify: ({ req }) => pickIdentity(req.user, ['id', 'email', 'plan']),
  });
  // After the session, so that services deep inside a request know whose it is and how it ends.
  app.use(requestScope());

  app.post(
    '/cart/items',
    requireUser,
    trackEvent('add_to_cart', {
      route: 'POST /cart/items',
      data: ({ res: { locals } }) => ({ item_name: locals.product.name, price: locals.product.price }),
    }),
    (req, res) => {
      const product = chosenProduct(req.body);
      orders.addToCart(res.locals.user, product);
      res.locals.product = product;
      res.status(201).json(product);
    },
  );

  app.get('/catalogue', (_req, res) => void res.json(catalogue));

  app.get('/cart', requireUser, trackEvent('viewed_cart', { route: 'GET /cart' }), (_req, res) => {
    res.json(orders.cartOf(res.locals.user));
  });

  // #region redirect
  // A form: whether the card was accepted or not, the browser is sent elsewhere, and the status says nothing.
  app.post('/purchase', requireUser, async (req, res) => {
    const { card } = Payment.parse(req.body);
    const order = orders.purchase(res.locals.user); // It calls vero.trackOnSuccess('purchased', …).
    if (!order) throw refusal(409, 'The cart is empty.');
    if (await charge(card, order.total)) return res.redirect(303, `/orders/${order.id}`);
    orders.takeBack(order);
    vero.cancelTracking('card declined');
    res.redirect(303, '/cart');
  });
  // #endregion

  app.get('/orders/:id', requireUser, (req, res) => {
    const order = orders.find(res.locals.user, req.params.id);
    if (!order) throw refusal(404, 'There is no such order.');
    res.json({ id: order.id, items: order.items, total: order.total });
  });

  // #region sign-up
  app.post(
    '/signup',
    // Nobody is logged in yet: who signed up is known by the result.
    trackEvent('signed_up', {
      route: 'POST /signup',
      identify: ({ res }) => pickIdentity(res.locals.user, ['id', 'email', 'plan']),
    }),
    async (req, res) => {
      const { email, password } = Credentials.parse(req.body);
      const user = await users.signUp(email, password);
      if (!user) throw refusal(409, 'This e-mail address has an account.');
      res.locals.user = user;
      res.status(201).json({ id: user.id });
    },
  );
  // #endregion

  app.post(
    '/login',
    trackEvent('logged_in', {
      route: 'POST /login',
      identify: ({ res }) => pickIdentity(res.locals.user, ['id', 'email', 'plan']),
    }),
    async (req, res) => {
      const { email, password } = Credentials.parse(req.body);
      const user = await users.logIn(email, password);
      if (!user) throw refusal(401, 'The e-mail address or the password is wrong.');
      await startSession(req, user);
      res.locals.user = user;
      res.json({ id: user.id });
    },
  );

  // A client that leaves before the end has exported nothing.
  app.get(
    '/catalogue/export',
    requireUser,
    trackEvent('exported_catalogue', { route: 'GET /catalogue/export' }),
    (_req, res) => {
      pipeline(Readable.from(catalogueAsCsv()), res.type('csv'), () => {});
    },
  );

  app.get(
    '/recommendations',
    requireUser,
    trackEvent('viewed_recommendations', { route: 'GET /recommendations' }),
    () => {
      throw new Error('The recommendations are down.');
    },
  );

  // The event still has its user, asked before the handler ran.
  app.delete(
    '/account',
    requireUser,
    trackEvent('deleted_account', { route: 'DELETE /account' }),
    (req, res, next) => {
      users.delete(res.locals.user);
      req.session.destroy((error) => (error ? next(error) : res.status(204).end()));
    },
  );

  app.use(answerError);
  return app;
}

function requireUser(req: Pick<Request, 'user'>, res: Response, next: NextFunction): void {
  if (!req.user) throw refusal(401, 'Log in first.');
  res.locals.user = req.user;
  next();
}

/** A new session for a new user: an old one may be known to somebody else. */
function startSession(req: Request, user: User): Promise<void> {
  return new Promise((resolve, reject) => {
    req.session.regenerate((error) => {
      if (error) return reject(error);
      req.session.userId = user.id;
      resolve();
    });
  });
}

function chosenProduct(body: unknown): Product {
  const { productId } = CartItem.parse(body);
  const product = catalogue.find(({ id }) => id === productId);
  if (!product) throw refusal(404, 'There is no such product.');
  return product;
}

/** An error whose message is for the visitor. */
function refusal(status: number, message: string): Error & { readonly status: number } {
  return Object.assign(new Error(message), { status });
}

/** A real shop would also log what it can't explain. */
const answerError: ErrorRequestHandler = (error: Error & { status?: number }, _req, res, next) => {
  if (res.headersSent) return next(error);
  const status = error instanceof z.ZodError ? 400 : (error.status ?? 500);
  res.status(status).json({ error: status < 500 ? error.message : 'Something went wrong.' });
};
