import { createVero, pickIdentity, type Vero } from '@verotrack/core';
import express, { type RequestHandler } from 'express';
import { describe, expectTypeOf, it } from 'vitest';
import { expressTracking, type TrackEventOptions, type TrackingMiddleware } from '../src/index.ts';

interface User {
  readonly id: number;
  readonly email: string | null;
  readonly plan: 'free' | 'pro';
}

declare global {
  namespace Express {
    interface Request {
      user?: User;
    }
    interface Locals {
      change?: 'upgraded' | 'downgraded';
    }
  }
}

declare const vero: Vero;

/** Compiled, never run. */
const compiled = (_code: () => unknown): void => {};

describe('the types of the Express adapter', () => {
  it('see what the application put on the request', () => {
    compiled(() => {
      const { trackEvent } = expressTracking(vero, {
        identify: ({ req }) => {
          expectTypeOf(req.user).toEqualTypeOf<User | undefined>();
          return pickIdentity(req.user, ['id', 'email', 'plan']);
        },
      });
      trackEvent('add_to_cart', {
        data: ({ req, res }) => ({ plan: req.user?.plan, change: res.locals.change }),
      });
      trackEvent('add_to_cart', {
        // @ts-expect-error no such column
        data: ({ req }) => ({ plan: req.user?.plann }),
      });
    });
  });

  it('leave the parameters of a route to the handlers beside it', () => {
    compiled(() => {
      const { trackEvent, requestScope } = expressTracking(vero);
      const app = express();
      app.post('/items/:item', requestScope(), trackEvent('viewed'), (req) => {
        expectTypeOf(req.params.item).toEqualTypeOf<string>();
      });
    });
    expectTypeOf<TrackingMiddleware>().toExtend<RequestHandler>();
  });

  it('refuse callbacks of the wrong shape', () => {
    compiled(() => {
      const { trackEvent } = expressTracking(vero);
      // @ts-expect-error an identity has an id
      expressTracking(vero, { identify: () => ({ email: 'jane@example.com' }) });
      // @ts-expect-error the adapter's identify answers at once
      expressTracking(vero, { identify: async () => ({ id: '42' }) });
      // @ts-expect-error the callbacks get one object, not the request
      trackEvent('a', { data: (req) => ({ name: req.body.name }) });
      // @ts-expect-error data is no list
      trackEvent('a', { data: () => [1, 2] });
      // @ts-expect-error data is no text
      trackEvent('a', { data: () => 'hat' });
      // @ts-expect-error `when` says yes or no
      trackEvent('a', { when: () => 'yes' });
      // @ts-expect-error `success` says yes or no
      trackEvent('a', { success: ({ res }) => res.statusCode });
      // @ts-expect-error there is no such moment
      trackEvent('a', { on: 'later' });
      // @ts-expect-error there is no such option
      trackEvent('a', { dat: {} });
      // @ts-expect-error a name is needed
      trackEvent();
      trackEvent('a', {
        identify: async () => ({ id: 42n }),
        data: async () => null,
        when: async () => true,
      });
    });
    expectTypeOf<TrackEventOptions['on']>().toEqualTypeOf<'response' | 'handled' | undefined>();
  });

  it('know the names between which trackEvents chooses', () => {
    compiled(() => {
      const { trackEvents } = expressTracking(createVero());
      trackEvents(['upgraded', 'downgraded'], ({ res }) => res.locals.change && { name: res.locals.change });
      trackEvents(['upgraded', 'downgraded'], () => [
        { name: 'upgraded', data: { to: 'pro' } },
        { name: 'downgraded' },
      ]);
      trackEvents(['upgraded'], async () => undefined);
      // @ts-expect-error not among the names
      trackEvents(['upgraded', 'downgraded'], () => ({ name: 'cancelled' }));
      // @ts-expect-error each choice has its own data
      trackEvents(['upgraded'], () => ({ name: 'upgraded' }), { data: {} });
    });
  });
});
