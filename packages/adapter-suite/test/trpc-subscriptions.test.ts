import { httpBatchStreamLink } from '@trpc/client';
import { TRPCError } from '@trpc/server';
import { observable } from '@trpc/server/observable';
import { type Vero } from '@verotrack/core';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type Bench } from '../src/bench.ts';
import { contextOf } from '../src/hosts/trpc.ts';
import { expectOutcome } from '../src/suite.ts';
import { type App, appOf, by, by42, withRouter } from './trpc-app.ts';

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
