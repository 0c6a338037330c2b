import {
  createTRPCClient,
  httpBatchLink,
  httpBatchStreamLink,
  httpLink,
  type TRPCClient,
  type TRPCLink,
} from '@trpc/client';
import { type AnyTRPCRouter, initTRPC, TRPCError } from '@trpc/server';
import { observable } from '@trpc/server/observable';
import { createVero, defineEvents, event, pickIdentity, type Vero } from '@verotrack/core';
import { type TrackMeta, trpcTracking } from '@verotrack/trpc';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { withApp } from '../src/app.ts';
import { type Bench, TOKEN } from '../src/bench.ts';
import { type Context, contextOf, standalone } from '../src/hosts/trpc.ts';
import { userOf } from '../src/scenario.ts';
import { expectOutcome } from '../src/suite.ts';

const by = '42';
const by42 = (...names: readonly string[]) => names.map((name) => ({ name, by }));

function appOf(vero: Vero) {
  const t = initTRPC.context<Context>().meta<TrackMeta<Context>>().create();
  const tracking = trpcTracking<Context>(vero, {
    identify: ({ ctx }) => pickIdentity(ctx.session.user, ['id', 'email']),
    response: ({ ctx }) => ctx.res,
  });
  return { t, base: t.procedure.use(tracking.trackFromMeta()), ...tracking };
}

type App = ReturnType<typeof appOf>;
type HttpLink = typeof httpLink | typeof httpBatchLink | typeof httpBatchStreamLink;
type Connect<Router extends AnyTRPCRouter> = (link: HttpLink) => TRPCClient<Router>;

/** Serves the router that `build` makes; `connect` makes a client of it, whose user is 42. */
async function withRouter<Router extends AnyTRPCRouter>(
  build: (app: App, vero: Vero) => Router,
  test: (bench: Bench, connect: Connect<Router>) => Promise<void>,
): Promise<void> {
  await withApp(
    'trpc',
    (vero) => standalone({ router: build(appOf(vero), vero), responseMeta: () => ({}) }),
    (bench) =>
      test(bench, (link) => {
        const options = { url: bench.url, headers: { 'x-user': by } };
        const made = (link as (options: object) => TRPCLink<Router>)(options);
        return createTRPCClient<Router>({ links: [made] } as never);
      }),
  );
}

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

describe('a subscription', () => {
  function feeds({ t, base, trackEvent }: App, vero: Vero) {
    const watched = base.input(z.object({ how: z.string() }).default({ how: 'ends' }));
    const feed = (on?: 'start' | 'done') => watched.use(trackEvent('watched', on ? { on } : {}));
    return t.router({
      feed: feed().subscription(async function* ({ input: { how }, signal }) {
        vero.track('step', { data: { who: vero.identity()?.id } });
        yield 'one';
        await new Promise(setImmediate);
        vero.trackOnSuccess('done');
        if (how === 'breaks') throw new Error('broken');
        if (how === 'lasts') await new Promise((resolve) => signal?.addEventListener('abort', resolve));
        yield 'two';
      }),
      started: feed('start').subscription(async function* ({ input: { how } }) {
        if (how === 'breaks') throw new Error('broken');
        yield 'one';
      }),
      refused: feed('start').subscription((): AsyncGenerator<string> => {
        throw new TRPCError({ code: 'FORBIDDEN' });
      }),
    });
  }

  const step = { name: 'step', by, data: { who: by } };

  const subscribe = (bench: Bench, path: string, how: string, signal?: AbortSignal): Promise<Response> => {
    const url = new URL(`/${path}`, bench.url);
    url.searchParams.set('input', JSON.stringify({ how }));
    const headers = { accept: 'text/event-stream', 'x-user': by };
    return fetch(url, { headers, ...(signal ? { signal } : {}) });
  };

  it('that ended emits its event, and each of its steps knows the user', async () => {
    await withRouter(feeds, async (bench) => {
      expect(await (await subscribe(bench, 'feed', 'ends')).text()).toContain('two');
      await bench.settle();
      expectOutcome(bench, { events: [step, ...by42('done', 'watched')], skipped: [] });
    });
  });

  it('that broke emits nothing', async () => {
    await withRouter(feeds, async (bench) => {
      await (await subscribe(bench, 'feed', 'breaks')).text();
      await bench.settle();
      expectOutcome(bench, { events: [step], skipped: ['done: failure', 'watched: failure'] });
    });
  });

  it('whose client left while it waited for something that never comes emits nothing', async () => {
    const build = ({ t, base, trackEvent }: App) =>
      t.router({
        feed: base.use(trackEvent('watched')).subscription(async function* () {
          yield 'one';
          await new Promise(() => {});
        }),
      });
    await withRouter(build, async (bench) => {
      const leaving = new AbortController();
      const answer = await subscribe(bench, 'feed', '', leaving.signal);
      await answer.body?.getReader().read();
      leaving.abort();
      await bench.settle();
      expectOutcome(bench, { events: [], skipped: ['watched: aborted'] });
    });
  });

  it('whose client left emits nothing', async () => {
    await withRouter(feeds, async (bench) => {
      const leaving = new AbortController();
      const answer = await subscribe(bench, 'feed', 'lasts', leaving.signal);
      await answer.body?.getReader().read();
      leaving.abort();
      await bench.settle();
      expectOutcome(bench, { events: [step] });
      expect(bench.vero.stats().skipped).toMatchObject({ aborted: expect.any(Number) });
    });
  });

  it('declared on its start emits its event once it was made, whatever comes later', async () => {
    await withRouter(feeds, async (bench) => {
      await (await subscribe(bench, 'started', 'ends')).text();
      await (await subscribe(bench, 'started', 'breaks')).text();
      await (await subscribe(bench, 'refused', '')).text();
      await bench.settle();
      expectOutcome(bench, { events: by42('watched', 'watched'), skipped: ['watched: failure'] });
    });
  });
});

describe('an observable, the older form of a subscription,', () => {
  const watching =
    (how: 'complete' | 'error') =>
    ({ t, base, trackEvent }: App) =>
      t.router({
        feed: base.use(trackEvent('watched')).subscription(() =>
          observable<string, Error>((observer) => {
            observer.next('one');
            setImmediate(() =>
              how === 'complete' ? observer.complete() : observer.error(new Error('broken')),
            );
          }),
        ),
      });

  it.each([
    ['that completed emits its event', 'complete', { events: by42('watched'), skipped: [] }],
    ['that failed emits nothing', 'error', { events: [], skipped: ['watched: failure'] }],
  ] as const)('%s', async (_what, how, expected) => {
    await withRouter(watching(how), async (bench) => {
      const answer = await fetch(new URL('/feed', bench.url), {
        headers: { accept: 'text/event-stream', 'x-user': by },
      });
      expect(await answer.text()).toContain('one');
      await bench.settle();
      expectOutcome(bench, expected);
    });
  });
});

describe('an observable for a caller on the server', () => {
  it('has its observers as they are: methods of a class, and what else it can do', async () => {
    const build = ({ t, base, trackEvent }: App) =>
      t.router({
        feed: base.use(trackEvent('watched')).subscription(() =>
          observable<string>((observer) => {
            observer.next('one');
            observer.complete();
          }),
        ),
      });
    class Reader {
      readonly read: string[] = [];
      next(value: string): void {
        this.read.push(value);
      }
      complete(): void {
        this.read.push('the end');
      }
    }
    await withRouter(build, async (bench) => {
      const app = appOf(bench.vero);
      const feed = await app.t.createCallerFactory(build(app))(contextOf(by, undefined)).feed();
      const reader = new Reader();
      expect(typeof (feed as unknown as { pipe: unknown }).pipe).toBe('function');
      (feed as unknown as { subscribe(observer: Reader): void }).subscribe(reader);
      expect(reader.read).toEqual(['one', 'the end']);
      await bench.settle();
      expectOutcome(bench, { events: by42('watched') });
    });
  });
});

describe('a generator as the answer of a query', () => {
  const pieces = ({ t, base, trackEvent }: App) =>
    t.router({
      export: base.use(trackEvent('exported')).query(async function* () {
        yield 'one';
        yield 'two';
        return 'the end';
      }),
      stream: base.use(trackEvent('streamed')).query(() => ReadableStream.from(['one', 'two'])),
    });

  it('is, for a caller on the server, all that it was', async () => {
    await withRouter(pieces, async (bench) => {
      const app = appOf(bench.vero);
      const caller = app.t.createCallerFactory(pieces(app))(contextOf(by, undefined));
      const generator = await caller.export();
      expect(await generator.next()).toEqual({ done: false, value: 'one' });
      expect(await generator.return('enough')).toEqual({ done: true, value: 'enough' });
      const whole = await caller.export();
      for (const value of ['one', 'two', 'the end']) expect(await whole.next()).toMatchObject({ value });
      const stream = await caller.stream();
      expect(stream.locked).toBe(false);
      const read: string[] = [];
      for await (const piece of stream) read.push(piece);
      expect(read).toEqual(['one', 'two']);
      await bench.settle();
      expectOutcome(bench, { events: by42('exported', 'streamed'), skipped: ['exported: aborted'] });
    });
  });

  it('is shown as it is though it is frozen, ended by its disposal, and thrown into', async () => {
    const build = ({ t, base, trackEvent }: App) =>
      t.router({
        frozen: base.use(trackEvent('frozen')).query(() =>
          Object.freeze({
            note: 'kept',
            async *[Symbol.asyncIterator]() {
              yield 'one';
            },
          }),
        ),
        export: base.use(trackEvent('exported')).query(async function* () {
          try {
            yield 'one';
          } catch {
            yield 'mended';
          }
        }),
      });
    await withRouter(build, async (bench) => {
      const app = appOf(bench.vero);
      const caller = app.t.createCallerFactory(build(app))(contextOf(by, undefined));
      const frozen = await caller.frozen();
      expect(frozen.note).toBe('kept');
      expect('note' in frozen).toBe(true);
      const read: string[] = [];
      for await (const piece of frozen) read.push(piece);
      expect(read).toEqual(['one']);
      const left = await caller.export();
      await left.next();
      await left[Symbol.asyncDispose]();
      const mended = await caller.export();
      await mended.next();
      expect(await mended.throw(new Error('broken'))).toEqual({ done: false, value: 'mended' });
      expect(await mended.next()).toMatchObject({ done: true });
      await bench.settle();
      expectOutcome(bench, { events: by42('frozen', 'exported'), skipped: ['exported: aborted'] });
    });
  });

  it('that nobody reads was aborted, after a while', async () => {
    const { setTimeout: real } = globalThis;
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, ms?: number) =>
      real(run, ms === 300_000 ? 1 : ms)) as typeof setTimeout);
    await withRouter(pieces, async (bench) => {
      const app = appOf(bench.vero);
      const caller = app.t.createCallerFactory(pieces(app))(contextOf(by, undefined));
      await caller.export();
      await bench.settle();
      expectOutcome(bench, { events: [], skipped: ['exported: aborted'] });
    });
    vi.restoreAllMocks();
  });

  it('emits its event when it was read to the end', async () => {
    await withRouter(pieces, async (bench, connect) => {
      const read: string[] = [];
      for await (const piece of await connect(httpBatchStreamLink).export.query()) read.push(piece);
      expect(read).toEqual(['one', 'two']);
      await bench.settle();
      expectOutcome(bench, { events: by42('exported'), skipped: [] });
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
