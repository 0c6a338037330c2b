/** An application that is given its client, so that a test can give it another. */
import { defineEvents, event, pickIdentity, type Vero } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import express from 'express';
import { z } from 'zod';
import { addItem, loadUser } from './your-app.ts';

export const events = defineEvents({
  add_to_cart: z.object({ item_name: z.string() }),
  logged_out: event(),
});

// #region create-app
export function createApp(vero: Vero<typeof events>): express.Express {
  const { trackEvent } = expressTracking(vero, {
    identify: ({ req }) => pickIdentity(req.user, ['id', 'email']),
  });
  const app = express();
  app.use(express.json(), loadUser);
  app.post(
    '/cart/items',
    trackEvent('add_to_cart', { data: ({ req }) => ({ item_name: req.body.name }) }),
    addItem,
  );
  return app;
}
// #endregion
