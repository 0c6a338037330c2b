import {
  createTRPCClient,
  httpBatchLink,
  httpBatchStreamLink,
  httpLink,
  type TRPCClient,
  type TRPCLink,
} from '@trpc/client';
import { type AnyTRPCRouter, initTRPC } from '@trpc/server';
import { pickIdentity, type Vero } from '@verotrack/core';
import { type TrackMeta, trpcTracking } from '@verotrack/trpc';
import { withApp } from '../src/app.ts';
import { type Bench } from '../src/bench.ts';
import { type Context, standalone } from '../src/hosts/trpc.ts';

export const by = '42';
export const by42 = (...names: readonly string[]) => names.map((name) => ({ name, by }));

/** What procedures are made of, with tracking. */
export function appOf(vero: Vero) {
  const t = initTRPC.context<Context>().meta<TrackMeta<Context>>().create();
  const tracking = trpcTracking<Context>(vero, {
    identify: ({ ctx }) => pickIdentity(ctx.session.user, ['id', 'email']),
    response: ({ ctx }) => ctx.res,
  });
  return { t, base: t.procedure.use(tracking.trackFromMeta()), ...tracking };
}

export type App = ReturnType<typeof appOf>;
type HttpLink = typeof httpLink | typeof httpBatchLink | typeof httpBatchStreamLink;
type Connect<Router extends AnyTRPCRouter> = (link: HttpLink) => TRPCClient<Router>;

/** Serves the router that `build` makes; `connect` makes a client of it, whose user is 42. */
export async function withRouter<Router extends AnyTRPCRouter>(
  build: (app: App, vero: Vero) => Router,
  test: (bench: Bench, connect: Connect<Router>) => Promise<void>,
): Promise<void> {
  await withApp(
    (vero) => standalone({ router: build(appOf(vero), vero), responseMeta: () => ({}) }),
    (bench) =>
      test(bench, (link) => {
        const options = { url: bench.url, headers: { 'x-user': by } };
        const made = (link as (options: object) => TRPCLink<Router>)(options);
        return createTRPCClient<Router>({ links: [made] } as never);
      }),
  );
}
