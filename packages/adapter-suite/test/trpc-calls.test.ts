import { httpBatchLink, httpBatchStreamLink, httpLink } from '@trpc/client';
import { TRPCError } from '@trpc/server';
import { createVero, defineEvents, event, pickIdentity, type Vero } from '@verotrack/core';
import { trpcTracking } from '@verotrack/trpc';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { TOKEN } from '../src/bench.ts';
import { type Context, contextOf } from '../src/hosts/trpc.ts';
import { userOf } from '../src/scenario.ts';
import { expectOutcome } from '../src/suite.ts';
import { type App, appOf, by, by42, withRouter } from './trpc-app.ts';

const item = z.object({ name: z.string() });

function shop({ t, trackEvent, base }: App) {
  return t.router({
    add: base
      .input(item)
      .use(trackEvent('added', { data: ({ input }) => ({ name: input.name }) }))
      .mutation(({ input }) => input.name),
    fail: base.use(trackEvent('failed')).mutation((): string => {
      throw new TRPCError({ code: 'CONFLICT' });
    }),
  });
}

describe('a batch', () => {
  it.each([
    ['answered at once', httpBatchLink],
    ['answered as a stream', httpBatchStreamLink],
  ])('%s emits the events of the calls that succeeded', async (_how, link) => {
    await withRouter(shop, async (bench, connect) => {
      const client = connect(link);
      const calls = [
        client.add.mutate({ name: 'hat' }),
        client.fail.mutate(),
        client.add.mutate({ name: 'coat' }),
      ];
      const results = await Promise.allSettled(calls);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      await bench.settle();
      expectOutcome(bench, {
        events: ['hat', 'coat'].map((name) => ({ name: 'added', by, data: { name } })),
        skipped: ['failed: failure'],
      });
    });
  });

  it('keeps the tracking of its calls apart, although they share their context', async () => {
    const build = ({ t, base }: App, vero: Vero) =>
      t.router({
        cancelled: base.mutation(() => {
          vero.trackOnSuccess('cancelled');
          vero.cancelTracking();
        }),
        fine: base.mutation(() => vero.trackOnSuccess('fine')),
      });
    await withRouter(build, async (bench, connect) => {
      const client = connect(httpBatchLink);
      await Promise.all([client.cancelled.mutate(), client.fine.mutate()]);
      await bench.settle();
      expectOutcome(bench, { events: by42('fine'), skipped: ['cancelled: cancelled'] });
    });
  });
});

describe('a procedure', () => {
  it('whose output is refused emits nothing, if the declaration stands before the output', async () => {
    const build = ({ t, base, trackEvent }: App) =>
      t.router({
        before: base
          .use(trackEvent('before'))
          .output(z.string())
          .mutation(() => 7 as never),
        // Not to be seen from there: documented.
        after: base
          .output(z.string())
          .use(trackEvent('after'))
          .mutation(() => 'fine'),
      });
    await withRouter(build, async (bench, connect) => {
      const client = connect(httpLink);
      await expect(client.before.mutate()).rejects.toThrow('Output validation failed');
      await client.after.mutate();
      await bench.settle();
      expectOutcome(bench, { events: by42('after'), skipped: ['before: failure'] });
    });
  });

  it('emits what its meta says: a name, or more', async () => {
    const build = ({ t, base }: App) =>
      t.router({
        viewed: base.meta({ track: 'viewed' }).query(() => 'done'),
        searched: base
          .meta({
            track: {
              event: 'searched',
              data: async ({ rawInput, result }) => ({ ...((await rawInput()) as object), result }),
              when: ({ path, type }) => path === 'searched' && type === 'query',
            },
          })
          .input(z.object({ text: z.string() }))
          .query(() => 3),
        silent: base.query(() => 'done'),
        wrong: base.meta({ track: '' }).query(() => 'done'),
        worse: base.meta({ track: { event: ' ' } }).query(() => 'done'),
      });
    await withRouter(build, async (bench, connect) => {
      const client = connect(httpBatchLink);
      const { viewed, searched, silent, wrong, worse } = client;
      const queries = [
        viewed.query(),
        searched.query({ text: 'hat' }),
        silent.query(),
        wrong.query(),
        worse.query(),
      ];
      expect(await Promise.all(queries)).toEqual(['done', 3, 'done', 'done', 'done']);
      await bench.settle();
      expectOutcome(bench, {
        events: [...by42('viewed'), { name: 'searched', by, data: { text: 'hat', result: 3 } }],
        skipped: [],
        failed: ['VERO_CONFIG', 'VERO_CONFIG'],
      });
    });
  });

  it('emits what its meta says once, though that is read twice, and once for each call', async () => {
    const build = ({ t, base, trackFromMeta }: App) =>
      t.router({
        viewed: base
          .use(trackFromMeta())
          .meta({ track: 'viewed' })
          .query(() => 'done'),
      });
    await withRouter(build, async (bench, connect) => {
      const client = connect(httpBatchLink);
      await Promise.all([client.viewed.query(), client.viewed.query()]);
      await client.viewed.query();
      await bench.settle();
      expectOutcome(bench, { events: by42('viewed', 'viewed', 'viewed') });
    });
  });

  it('knows the user that a middleware after it found, also when the call logs that user out', async () => {
    const build = ({ t, base }: App, vero: Vero) => {
      const { trackEvent } = trpcTracking<Context & { account?: { id: string; email: string } | undefined }>(
        vero,
        {
          identify: ({ ctx }) => ctx.account,
          response: ({ ctx }) => ctx.res,
        },
      );
      const known = base.use(({ next }) =>
        next({ ctx: { account: userOf('late') as { id: string; email: string } | undefined } }),
      );
      return t.router({
        leave: known.use(trackEvent('left')).mutation(({ ctx }) => {
          ctx.account = undefined;
        }),
      });
    };
    await withRouter(build, async (bench, connect) => {
      await connect(httpLink).leave.mutate();
      await bench.settle();
      expect(bench.inspector.events()).toMatchObject([{ name: 'left', identity: { id: 'late' } }]);
    });
  });

  it('whose result can not be written emits nothing', async () => {
    const build = ({ t, base, trackEvent }: App) =>
      t.router({ count: base.use(trackEvent('counted')).query(() => ({ n: 10n })) });
    await withRouter(build, async (bench, connect) => {
      await expect(connect(httpLink).count.query()).rejects.toThrow();
      await bench.settle();
      expectOutcome(bench, { events: [], skipped: ['counted: failure'] });
    });
  });

  it('called inside another, on the server, has an outcome of its own', async () => {
    const build = (app: App) => {
      const { t, base } = app;
      const inner = shop(app);
      const createCaller = t.createCallerFactory(inner);
      return t.router({
        outer: base.meta({ track: 'outer' }).mutation(async ({ ctx }) => {
          const caller = createCaller({ ...ctx, res: undefined });
          await caller.fail().catch(() => undefined);
          return await caller.add({ name: 'hat' });
        }),
      });
    };
    await withRouter(build, async (bench, connect) => {
      await connect(httpLink).outer.mutate();
      await bench.settle();
      expectOutcome(bench, {
        events: [...by42('outer'), { name: 'added', by, data: { name: 'hat' } }],
        skipped: ['failed: failure'],
      });
    });
  });

  it('called without a request emits by its own result', async () => {
    await withRouter(shop, async (bench) => {
      const app = appOf(bench.vero);
      const caller = app.t.createCallerFactory(shop(app))(contextOf(by, undefined));
      await caller.add({ name: 'hat' });
      await expect(caller.fail()).rejects.toThrow();
      await expect(caller.add({ name: 7 as never })).rejects.toThrow();
      await bench.settle();
      expectOutcome(bench, {
        events: [{ name: 'added', by, data: { name: 'hat' } }],
        skipped: ['failed: failure'],
      });
    });
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['gives a web socket', () => ({ readyState: 1, once: () => {} })],
    ["gives Fetch's Response", () => new Response('hello')],
    ['gives something else', () => ({})],
    ['is async, and rejects', () => Promise.reject(new Error('broken'))],
  ])('whose response callback %s is told of, and emits by its own result', async (_how, response) => {
    const build = ({ t }: App, vero: Vero) => {
      const { trackEvent } = trpcTracking<Context>(vero, {
        identify: ({ ctx }) => pickIdentity(ctx.session.user, ['id', 'email']),
        response: response as never,
      });
      return t.router({ add: t.procedure.use(trackEvent('added')).mutation(() => 'done') });
    };
    await withRouter(build, async (bench, connect) => {
      expect(await connect(httpLink).add.mutate()).toBe('done');
      await bench.settle();
      expectOutcome(bench, { events: by42('added'), failed: ['response'] });
    });
  });

  it("may have a response that wraps Node's", async () => {
    const build = ({ t }: App, vero: Vero) => {
      const { trackEvent } = trpcTracking<Context>(vero, {
        identify: ({ ctx }) => pickIdentity(ctx.session.user, ['id', 'email']),
        response: ({ ctx }) => ctx.res && { raw: ctx.res },
      });
      return t.router({ count: t.procedure.use(trackEvent('counted')).query(() => ({ n: 10n })) });
    };
    await withRouter(build, async (bench, connect) => {
      await expect(connect(httpLink).count.query()).rejects.toThrow();
      await bench.settle();
      expectOutcome(bench, { events: [], skipped: ['counted: failure'] });
    });
  });

  it('knows what the middlewares between the declaration and the handler found', async () => {
    const build = ({ t, base, trackEvent }: App) =>
      t.router({
        add: base
          .use(trackEvent('added', { data: ({ ctx }) => ({ plan: (ctx as { plan?: string }).plan }) }))
          .use(({ next }) => next({ ctx: { plan: 'pro' } }))
          .mutation(() => 'done'),
      });
    await withRouter(build, async (bench, connect) => {
      await connect(httpLink).add.mutate();
      await bench.settle();
      expectOutcome(bench, { events: [{ name: 'added', by, data: { plan: 'pro' } }] });
    });
  });

  it('has succeeded only if `success` says so', async () => {
    const build = ({ t, base, trackEvent }: App) =>
      t.router({
        add: base
          .input(z.number())
          .use(trackEvent('added', { success: async ({ input, result }) => input + (result as number) > 3 }))
          .mutation(({ input }) => input),
      });
    await withRouter(build, async (bench, connect) => {
      const client = connect(httpLink);
      for (const n of [1, 2]) await client.add.mutate(n);
      await bench.settle();
      expectOutcome(bench, { events: by42('added'), skipped: ['added: failure'] });
    });
  });
});

describe('bad options are refused when the application starts', () => {
  const vero = createVero({ enabled: false, authToken: TOKEN });
  const { trackEvent } = trpcTracking<Context>(vero);

  it.each<[string, () => unknown, RegExp]>([
    [
      'no client',
      () => trpcTracking(undefined as never),
      /^trpcTracking: its client must be one that createVero made/,
    ],
    [
      'a wrong option',
      () => trpcTracking(vero, { identity: 1 } as never),
      /unknown option "identity".*"identify"/,
    ],
    [
      'a wrong response',
      () => trpcTracking(vero, { response: 1 } as never),
      /"response" must be a function, not 1/,
    ],
    [
      'an event that is not in the catalogue',
      () =>
        trpcTracking(createVero({ events: defineEvents({ bought: event() }), enabled: false })).trackEvent(
          'bougt' as never,
        ),
      /^trackEvent: event "bougt" is not in the catalogue. Did you mean "bought"\?/,
    ],
    ['no name', () => trackEvent(' '), /^trackEvent: the event's name must not be empty/],
    ['an option of HTTP', () => trackEvent('a', { methods: [] } as never), /unknown option "methods"/],
    [
      'a wrong moment',
      () => trackEvent('a', { on: 'later' } as never),
      /"on" must be 'response' or 'handled' or 'start'/,
    ],
  ])('%s', (_what, start, expected) => {
    expect(start).toThrow(
      expect.objectContaining({ code: 'VERO_CONFIG', message: expect.stringMatching(expected) }),
    );
  });
});
