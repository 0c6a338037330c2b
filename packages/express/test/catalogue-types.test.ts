import { createVero, defineEvents, defineIdentity, event, pickIdentity } from '@verotrack/core';
import { describe, it } from 'vitest';
import { z } from 'zod';
import { expressTracking } from '../src/index.ts';

const events = defineEvents({
  signed_up: z.object({ plan: z.enum(['free', 'pro']) }),
  add_to_cart: z.object({
    item_name: z.string(),
    sizes: z.array(z.object({ size: z.number() })).optional(),
  }),
  paid: z.discriminatedUnion('by', [
    z.object({ by: z.literal('card'), brand: z.string() }),
    z.object({ by: z.literal('invoice'), days: z.number() }),
  ]),
  viewed: z.object({ page: z.string() }).optional(),
  answered: z.discriminatedUnion('how', [
    z.object({ how: z.literal('yes') }),
    z.object({ how: z.literal('no') }),
  ]),
  noted: z.object({ note: z.unknown(), notes: z.array(z.any()).optional() }),
  loose: z.looseObject({ page: z.string() }),
  counted: event<Record<string, unknown>>(),
  boxed: event<{ box: object; json?: Json }>(),
  logged_out: event(),
});
const identity = defineIdentity(z.object({ id: z.number(), plan: z.enum(['free', 'pro']) }));

const vero = createVero({ events, enabled: false });
const { trackEvent, trackEvents } = expressTracking(vero);

type Json = string | number | boolean | null | Json[] | { readonly [key: string]: Json };
declare const json: Json;

interface Item {
  readonly item_name: string;
  readonly id: number;
}
declare const item: Item;

/** Compiled, never run. */
const compiled = (_code: () => unknown): void => {};

describe('the types of the Express adapter with a catalogue', () => {
  it('take what each event says, as an object or by a callback, sync or async', () => {
    compiled(() => {
      trackEvent('logged_out');
      trackEvent('logged_out', { when: ({ req }) => req.method === 'POST', on: 'handled' });
      trackEvent('viewed');
      trackEvent('viewed', { data: ({ req }) => ({ page: req.path }) });
      trackEvent('viewed', { data: ({ req }) => (req.path === '/' ? undefined : { page: req.path }) });
      trackEvent('signed_up', { data: { plan: 'free' } });
      trackEvent('signed_up', { data: () => ({ plan: 'pro' }) });
      trackEvent('signed_up', { data: async () => ({ plan: 'pro' }) });
      trackEvent('signed_up', { data: ({ req }) => ({ plan: req.body.plan }) });
      trackEvent('add_to_cart', {
        data: async ({ req }) => ({ item_name: req.path, sizes: [{ size: 1 }, { size: 2 }] }),
      });
      trackEvent('paid', {
        data: ({ req }) => (req.secure ? { by: 'card', brand: req.path } : { by: 'invoice', days: 14 }),
      });
    });
  });

  it('refuse a name that is not in the catalogue', () => {
    compiled(() => {
      // @ts-expect-error a typo
      trackEvent('signd_up', { data: { plan: 'free' } });
      // @ts-expect-error a typo
      trackEvents(['viewed', 'signd_up'], () => undefined);
    });
  });

  it('refuse data that is missing or wrong', () => {
    compiled(() => {
      // @ts-expect-error no options, and so no data
      trackEvent('signed_up');
      // @ts-expect-error no data
      trackEvent('signed_up', { on: 'handled' });
      // @ts-expect-error no plan
      trackEvent('signed_up', { data: {} });
      // @ts-expect-error no plan
      trackEvent('signed_up', { data: () => ({}) });
      // @ts-expect-error no such plan
      trackEvent('signed_up', { data: () => ({ plan: 'gold' }) });
      // @ts-expect-error no such plan, later
      trackEvent('signed_up', { data: async () => ({ plan: 'gold' }) });
      // @ts-expect-error any text at all
      trackEvent('signed_up', { data: ({ req }) => ({ plan: req.path }) });
      // @ts-expect-error maybe nothing
      trackEvent('signed_up', { data: ({ req }) => (req.path ? { plan: 'pro' } : undefined) });
      // @ts-expect-error data where there is none
      trackEvent('logged_out', { data: { reason: 'bored' } });
      // @ts-expect-error data where there is none
      trackEvent('logged_out', { data: () => ({ reason: 'bored' }) });
    });
  });

  it('refuse a property that the event does not have, at any depth, sync and async', () => {
    compiled(() => {
      // @ts-expect-error no such property
      trackEvent('add_to_cart', { data: { item_name: 'hat', id: 1 } });
      // @ts-expect-error no such property
      trackEvent('add_to_cart', { data: () => ({ item_name: 'hat', id: 1 }) });
      // @ts-expect-error no such property
      trackEvent('add_to_cart', { data: async () => ({ item_name: 'hat', id: 1 }) });
      trackEvent('add_to_cart', {
        // @ts-expect-error no such property, in a block
        data: ({ req }) => {
          const name = req.path;
          return { item_name: name, id: 1 };
        },
      });
      // @ts-expect-error a whole row has more than the event says
      trackEvent('add_to_cart', { data: () => item });
      // @ts-expect-error no such property of a size
      trackEvent('add_to_cart', { data: () => ({ item_name: 'hat', sizes: [{ size: 1, colour: 'red' }] }) });
      // @ts-expect-error no such property of this kind of payment
      trackEvent('paid', { data: () => ({ by: 'card', brand: 'x', days: 14 }) });
    });
  });

  it('take anything where the event takes anything', () => {
    compiled(() => {
      trackEvent('noted', { data: () => ({ note: { by: { name: 'Jane' } }, notes: [{ text: 'x' }] }) });
      trackEvent('noted', { data: async () => ({ note: [{ text: 'x' }] }) });
      trackEvent('loose', { data: () => ({ page: '/', more: { of: [{ it: 1 }] } }) });
      trackEvent('counted', { data: () => ({ hats: { red: 1 }, sizes: [{ size: 1 }] }) });
      trackEvent('boxed', { data: () => ({ box: { size: 1 }, json }) });
      const any = expressTracking(createVero({ events: defineEvents({ any: z.any() }), enabled: false }));
      any.trackEvent('any', { data: ({ req }) => ({ path: { of: req.path } }) });
      trackEvents(['counted'], () => ({ name: 'counted', data: { hats: { red: 1 } } }));
      // @ts-expect-error no such property beside what is open
      trackEvent('boxed', { data: () => ({ box: { size: 1 }, bax: 1 }) });
    });
  });

  it('take what is several of the kinds at once', () => {
    compiled(() => {
      trackEvent('answered', { data: ({ req }) => ({ how: req.secure ? 'yes' : 'no' }) });
      // @ts-expect-error a property of neither
      trackEvent('answered', { data: ({ req }) => ({ how: req.secure ? 'yes' : 'no', why: 'x' }) });
    });
  });

  it('are open without a catalogue, also in what trackEvents chooses', () => {
    const open = expressTracking(createVero({ enabled: false }));
    compiled(() => {
      open.trackEvents(['a', 'b'], () => ({ name: 'a', data: { item: { size: 1 } }, note: 'x' }));
      open.trackEvents(['a', 'b'], async () => [{ name: 'b', data: { items: [{ size: 1 }] } }]);
      // @ts-expect-error not among the names
      open.trackEvents(['a', 'b'], () => ({ name: 'c' }));
    });
  });

  it('know the names and the data between which trackEvents chooses', () => {
    compiled(() => {
      trackEvents(['signed_up', 'logged_out'], ({ req }) =>
        req.path ? { name: 'signed_up', data: { plan: 'pro' } } : { name: 'logged_out' },
      );
      trackEvents(['signed_up', 'viewed'], async () => [
        { name: 'signed_up', data: { plan: 'pro' } },
        { name: 'viewed' },
      ]);
      // @ts-expect-error a property that its event does not have
      trackEvents(['signed_up'], () => ({ name: 'signed_up', data: { plan: 'pro', coupon: 'x' } }));
      // @ts-expect-error a property that its event does not have, later and among others
      trackEvents(['signed_up'], async () => [{ name: 'signed_up', data: { plan: 'pro', coupon: 'x' } }]);
      // @ts-expect-error neither a name nor data
      trackEvents(['viewed'], () => ({ name: 'viewed', dta: { page: '/' } }));
      // @ts-expect-error not among the names
      trackEvents(['signed_up', 'viewed'], () => ({ name: 'logged_out' }));
      // @ts-expect-error its data is missing
      trackEvents(['signed_up', 'viewed'], () => ({ name: 'signed_up' }));
      // @ts-expect-error the data of another
      trackEvents(['signed_up', 'viewed'], () => ({ name: 'signed_up', data: { page: '/' } }));
    });
  });

  it('know the attributes of defined users', () => {
    const users = createVero({ events, identity, enabled: false });
    compiled(() => {
      const tracking = expressTracking(users, {
        identify: ({ req }) => req.user && { id: req.user.id, plan: req.user.plan },
      });
      tracking.trackEvent('logged_out', { identify: async () => ({ id: 1, plan: 'free' }) });
      tracking.trackEvent('logged_out', { identify: () => undefined });
      expressTracking(users, { identify: ({ req }) => pickIdentity(req.user, ['id', 'plan']) });
      // @ts-expect-error no plan
      expressTracking(users, { identify: () => ({ id: 1 }) });
      // @ts-expect-error no such plan
      tracking.trackEvent('logged_out', { identify: () => ({ id: 1, plan: 'gold' }) });
    });
  });
});
