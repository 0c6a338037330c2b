import { type inferRouterInputs, type inferRouterOutputs, initTRPC } from '@trpc/server';
import { pickIdentity, type Vero } from '@verotrack/core';
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { type TrackMeta, trpcTracking } from '../src/index.ts';

interface User {
  readonly id: number;
  readonly email: string | null;
}

interface Context {
  readonly user: User | null;
  readonly requestId: string;
}

declare const vero: Vero;

/** Compiled, never run. */
const compiled = (_code: () => unknown): void => {};

function routerOf() {
  const { trackEvent, trackFromMeta, requestScope } = trpcTracking<Context>(vero, {
    identify: ({ ctx }) => {
      expectTypeOf(ctx).toEqualTypeOf<Context>();
      return pickIdentity(ctx.user, ['id', 'email']);
    },
  });
  const t = initTRPC.context<Context>().meta<TrackMeta<Context> & { readonly audit?: boolean }>().create();
  const base = t.procedure.use(requestScope()).use(trackFromMeta());
  const loggedIn = base.use(({ ctx, next }) => {
    if (!ctx.user) throw new Error('nobody');
    return next({ ctx: { user: ctx.user } });
  });
  const router = t.router({
    add: loggedIn
      .input(z.object({ name: z.string(), count: z.string().transform(Number) }))
      .use(
        trackEvent('add_to_cart', {
          data: ({ input, ctx, result, path, type }) => {
            expectTypeOf(input).toEqualTypeOf<{ name: string; count: number }>();
            expectTypeOf(ctx).toEqualTypeOf<Context>();
            expectTypeOf(result).toBeUnknown();
            expectTypeOf(path).toBeString();
            expectTypeOf(type).toEqualTypeOf<'query' | 'mutation' | 'subscription'>();
            return { name: input.name };
          },
        }),
      )
      .output(z.object({ id: z.number() }))
      .mutation(({ ctx, input }) => {
        // What the middlewares before it found is still known behind it.
        expectTypeOf(ctx.user).toEqualTypeOf<User>();
        expectTypeOf(ctx.requestId).toBeString();
        expectTypeOf(input.count).toBeNumber();
        return { id: ctx.user.id };
      }),
    typed: loggedIn
      .input(z.string())
      .use(
        trackEvent.of<{ id: number }>()('typed', { data: ({ result, input }) => ({ id: result.id, input }) }),
      )
      .query(({ ctx }) => ({ id: ctx.user.id })),
    viewed: base.meta({ track: 'viewed', audit: true }).query(() => 'done'),
    searched: base
      .meta({ track: { event: 'searched', data: ({ ctx }) => ({ by: ctx.requestId }), on: 'handled' } })
      .query(() => 3),
  });
  return { t, base, trackEvent, router };
}

type Router = ReturnType<typeof routerOf>['router'];

describe('the types of the tRPC adapter', () => {
  it('leave context, input, output and meta of a procedure as they are', () => {
    expectTypeOf<inferRouterInputs<Router>['add']>().toEqualTypeOf<{ name: string; count: string }>();
    expectTypeOf<inferRouterOutputs<Router>['add']>().toEqualTypeOf<{ id: number }>();
    expectTypeOf<inferRouterOutputs<Router>['typed']>().toEqualTypeOf<{ id: number }>();
    expectTypeOf<inferRouterOutputs<Router>['viewed']>().toEqualTypeOf<string>();
  });

  it('refuse callbacks, options and meta of the wrong shape', () => {
    compiled(() => {
      const { base, trackEvent } = routerOf();
      const named = base.input(z.object({ name: z.string() }));
      named.use(
        trackEvent('a', {
          // @ts-expect-error the input has no such property
          data: ({ input }) => ({ name: input.nme }),
        }),
      );
      // @ts-expect-error of a result nothing is known without `of`
      trackEvent('a', { data: ({ result }) => ({ id: result.id }) });
      // @ts-expect-error data is no list
      trackEvent('a', { data: () => [1] });
      // @ts-expect-error `when` says yes or no
      trackEvent('a', { when: () => 1 });
      // @ts-expect-error `success` says yes or no
      trackEvent('a', { success: () => 'yes' });
      // @ts-expect-error there are no methods but tRPC's
      trackEvent('a', { methods: ['POST'] });
      // @ts-expect-error meta names the event
      base.meta({ track: { name: 'viewed' } });
      // @ts-expect-error an identity has an id
      trpcTracking<Context>(vero, { identify: ({ ctx }) => ({ email: ctx.user?.email }) });
      // @ts-expect-error there is no such option
      trpcTracking<Context>(vero, { respons: () => undefined });
    });
  });

  it('take a context with members that may be missing', () => {
    compiled(() => {
      interface Loose {
        readonly user?: User;
        readonly requestId: string;
      }
      const { requestScope, trackEvent } = trpcTracking<Loose>(vero, {
        identify: ({ ctx }) => pickIdentity(ctx.user, ['id', 'email']),
      });
      const t = initTRPC.context<Loose>().create();
      t.procedure
        .use(requestScope())
        .use(trackEvent('a'))
        .query(({ ctx }) => {
          expectTypeOf(ctx.requestId).toBeString();
          expectTypeOf(ctx.user).toEqualTypeOf<User | undefined>();
        });
    });
  });

  it('refuse a procedure whose context the callbacks could not read', () => {
    compiled(() => {
      const { trackEvent } = routerOf();
      const other = initTRPC.context<{ readonly account: string }>().create();
      // @ts-expect-error there is no user in that context
      other.procedure.use(trackEvent('a'));
    });
  });
});
