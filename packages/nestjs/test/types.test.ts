import 'reflect-metadata';
import type { ExecutionContext } from '@nestjs/common';
import { pickIdentity, type Vero } from '@verotrack/core';
import { type Observable, of } from 'rxjs';
import { describe, expectTypeOf, it } from 'vitest';
import { InjectVero, SkipTracking, TrackEvent, type TrackedRequest, VeroModule } from '../src/index.ts';

interface User {
  readonly id: number;
  readonly email: string | null;
}

interface UserRequest extends TrackedRequest {
  readonly user?: User;
  readonly body: { readonly name: string };
}

interface Item {
  readonly name: string;
  readonly price: number;
}

declare const vero: Vero;

/** Compiled, never run. */
const compiled = (_code: () => unknown): void => {};

describe('the types of the NestJS adapter', () => {
  it('know the request and the result that a decorator names', () => {
    compiled(() => {
      TrackEvent<Item, UserRequest>('add_to_cart', {
        data: ({ context, request, result }) => {
          expectTypeOf(context).toEqualTypeOf<ExecutionContext>();
          expectTypeOf(request.user).toEqualTypeOf<User | undefined>();
          return { name: result.name, sent: request.body.name };
        },
      });
      class Cart {
        async add(): Promise<Item> {
          return { name: 'hat', price: 25 };
        }

        watch(): Observable<Item> {
          return of({ name: 'hat', price: 25 });
        }
      }
      TrackEvent<Cart['add']>('add_to_cart', { data: ({ result }) => ({ name: result.name }) });
      TrackEvent<Cart['watch']>('watched', { data: ({ result }) => ({ name: result.name }) });
      // @ts-expect-error an item has no weight
      TrackEvent<Cart['add']>('add_to_cart', { data: ({ result }) => ({ weight: result.weight }) });
      // @ts-expect-error an item has no weight
      TrackEvent<Item>('add_to_cart', { data: ({ result }) => ({ weight: result.weight }) });
      // @ts-expect-error without a type nothing is known of the result
      TrackEvent('add_to_cart', { data: ({ result }) => ({ name: result.name }) });
    });
  });

  it('know the request that the module names, before and after the guards', () => {
    compiled(() => {
      VeroModule.forRoot<UserRequest>({
        client: vero,
        identify: ({ request, context }) => {
          expectTypeOf(context).toEqualTypeOf<ExecutionContext | undefined>();
          return pickIdentity(request.user, ['id', 'email']);
        },
      });
      // @ts-expect-error a plain request has no user
      VeroModule.forRoot({ client: vero, identify: ({ request }) => pickIdentity(request.user, ['id']) });
      VeroModule.forRootAsync<UserRequest>({
        inject: ['A', 'B'],
        useFactory: async (authToken: string, attempts: number) => ({
          authToken,
          delivery: { retry: { maxAttempts: attempts } },
          identify: ({ request }) => pickIdentity(request.user, ['id', 'email']),
        }),
      });
    });
  });

  it('refuse options and callbacks of the wrong shape', () => {
    compiled(() => {
      // @ts-expect-error a client has its options already
      VeroModule.forRoot({ client: vero, authToken: 'token' });
      // @ts-expect-error there is no such option
      VeroModule.forRoot({ authTokn: 'token' });
      // @ts-expect-error the module's identify answers at once
      VeroModule.forRoot({ client: vero, identify: async () => ({ id: '42' }) });
      // @ts-expect-error `when` says yes or no
      TrackEvent('a', { when: () => 'yes' });
      // @ts-expect-error data is no list
      TrackEvent('a', { data: () => [1] });
      // @ts-expect-error there is no such option
      TrackEvent('a', { dat: {} });
    });
  });

  it('fit where their decorators stand', () => {
    compiled(() => {
      @SkipTracking()
      class Shop {
        @InjectVero()
        readonly vero?: Vero;

        @SkipTracking()
        @TrackEvent('first')
        @TrackEvent('second')
        act(): void {}
      }
      return Shop;
    });
  });
});
