import 'reflect-metadata';
import { createVero, defineEvents, defineIdentity, event } from '@verotrack/core';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { createTracking, type NestContext, type TrackedRequest, VeroModule } from '../src/index.ts';

const events = defineEvents({
  add_to_cart: z.object({ item_name: z.string() }),
  logged_out: event(),
});
const { TrackEvent } = createTracking(events);

interface Item {
  readonly name: string;
}

interface ItemRequest extends TrackedRequest {
  readonly body: { readonly size: number };
}

class Cart {
  async add(): Promise<Item> {
    return { name: 'hat' };
  }
}

/** Compiled, never run. */
const compiled = (_code: () => unknown): void => {};

describe('the types of the decorators of createTracking', () => {
  it('know the names and the data', () => {
    compiled(() => {
      TrackEvent('logged_out');
      TrackEvent('add_to_cart', { data: { item_name: 'hat' } });
      TrackEvent('add_to_cart', { data: ({ request }) => ({ item_name: request.url }) });
      TrackEvent('add_to_cart', { data: async () => ({ item_name: 'hat' }) });
      // @ts-expect-error a typo
      TrackEvent('add_to_crt', { data: { item_name: 'hat' } });
      // @ts-expect-error no data
      TrackEvent('add_to_cart');
      // @ts-expect-error wrong data
      TrackEvent('add_to_cart', { data: () => ({ item_name: 7 }) });
      // @ts-expect-error no such property
      TrackEvent('add_to_cart', { data: () => ({ item_name: 'hat', id: 7 }) });
      // @ts-expect-error no such property, later
      TrackEvent('add_to_cart', { data: async () => ({ item_name: 'hat', id: 7 }) });
      // @ts-expect-error data where there is none
      TrackEvent('logged_out', { data: { reason: 'bored' } });
      // @ts-expect-error of a result nothing is known
      TrackEvent('add_to_cart', { data: ({ result }) => ({ item_name: result.name }) });
    });
  });

  it('know the result and the request that a callback names', () => {
    compiled(() => {
      TrackEvent('add_to_cart', { data: ({ result }: NestContext<Item>) => ({ item_name: result.name }) });
      TrackEvent('add_to_cart', {
        data: ({ result, request }: NestContext<Cart['add'], ItemRequest>) => {
          expectTypeOf(result).toEqualTypeOf<Item>();
          expectTypeOf(request.body.size).toBeNumber();
          return { item_name: result.name };
        },
        when: ({ result }) => result.name !== '',
      });
      TrackEvent('logged_out', { when: async ({ result }: NestContext<Item>) => result.name === 'hat' });
      // @ts-expect-error no such property of the result
      TrackEvent('add_to_cart', { data: ({ result }: NestContext<Item>) => ({ item_name: result.nme }) });
      TrackEvent('add_to_cart', {
        // @ts-expect-error no such property of the event
        data: ({ result }: NestContext<Item>) => ({ item_name: result.name, id: 7 }),
      });
      // @ts-expect-error no context of Nest's
      TrackEvent('add_to_cart', { data: ({ req }: { req: object }) => ({ item_name: String(req) }) });
    });
  });

  it('know the attributes of defined users', () => {
    const identity = defineIdentity(z.object({ id: z.number(), plan: z.enum(['free', 'pro']) }));
    const users = createTracking(events, identity);
    compiled(() => {
      users.TrackEvent('logged_out', { identify: () => ({ id: 1, plan: 'pro' }) });
      // @ts-expect-error no plan
      users.TrackEvent('logged_out', { identify: () => ({ id: 1 }) });
      VeroModule.forRoot({ events, identity });
      VeroModule.forRoot<TrackedRequest, typeof identity>({
        events,
        identity,
        identify: ({ request }) => ({ id: request.url.length, plan: 'pro' }),
      });
      VeroModule.forRoot<TrackedRequest, typeof identity>({
        client: createVero({ events, identity, enabled: false }),
        // @ts-expect-error no such plan
        identify: () => ({ id: 1, plan: 'gold' }),
      });
      VeroModule.forRoot({ client: createVero({ events, identity, enabled: false }) });
    });
  });

  it('fit where decorators stand', () => {
    class Shop {
      @TrackEvent('logged_out')
      @TrackEvent('add_to_cart', { data: ({ result }: NestContext<Item>) => ({ item_name: result.name }) })
      act(): void {}
    }
    expect(Shop).toBeDefined();
  });
});
