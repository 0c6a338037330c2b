import type { AddressInfo } from 'node:net';
import { pickIdentity } from '@verotrack/core';
import { expressTracking, type TrackingMiddleware } from '@verotrack/express';
import express, { type Request, type RequestHandler } from 'express';
import {
  added,
  dataOf,
  EVENT,
  type RunningHost,
  type Shop,
  trackByHand,
  type User,
  userOf,
} from '../shop.ts';

interface ShopRequest extends Request {
  user?: User | undefined;
}

const loadUser: RequestHandler = (req: ShopRequest, _res, next) => {
  req.user = userOf(req.headers);
  next();
};

const addItem: RequestHandler = (req, res) => {
  res.json(added(req.body));
};

export async function startExpress({ tracking, vero, peer }: Shop): Promise<RunningHost> {
  const app = express();
  app.use(express.json(), loadUser);
  const before: (RequestHandler | TrackingMiddleware)[] = [];
  if (vero) {
    const { trackEvent, requestScope } = expressTracking(vero, {
      identify: ({ req }) => pickIdentity((req as ShopRequest).user, ['id', 'email']),
    });
    const tracked = trackEvent(EVENT, { data: ({ req }) => dataOf(req.body) });
    if (tracking === 'present') app.use(requestScope());
    if (tracking === 'elsewhere') app.post('/orders', tracked, addItem);
    if (tracking === 'tracked') before.push(tracked);
  }
  if (peer) {
    const byHand: RequestHandler = (req: ShopRequest, res, next) => {
      trackByHand(res, peer, () => ({ user: req.user, item: req.body }));
      next();
    };
    before.push(byHand);
  }
  app.post('/cart/items', ...before, addItem);
  return await new Promise((resolve) => {
    const server = app.listen(0, '127.0.0.1', () => {
      resolve({ port: (server.address() as AddressInfo).port, path: '/cart/items' });
    });
  });
}
