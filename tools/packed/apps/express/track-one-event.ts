import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createVero, pickIdentity } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import express from 'express';
import { addingShoes, expectOneEvent } from './expect-one-event.js';

interface User {
  readonly id: string;
  readonly email: string;
  readonly passwordHash: string;
}

declare global {
  namespace Express {
    interface Request {
      user?: User;
    }
  }
}

void expectOneEvent(async () => {
  const vero = createVero();
  const { requestScope, trackEvent } = expressTracking(vero, {
    identify: ({ req }) => pickIdentity(req.user, ['id', 'email']),
  });
  const app = express();
  app.use(express.json(), (req, _res, next) => {
    if (req.headers.authorization === '42') {
      req.user = { id: '42', email: 'jane@example.com', passwordHash: 'not for anybody' };
    }
    next();
  });
  app.use(requestScope());
  app.post(
    '/cart/items',
    trackEvent('add_to_cart', { data: ({ req }) => ({ item_name: req.body.name }) }),
    (_req, res) => void res.status(201).end(),
  );

  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/cart/items`, addingShoes);
  assert.equal(response.status, 201);
  server.close();
  await vero.close();
});
