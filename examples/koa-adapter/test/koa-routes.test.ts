import { createServer } from 'node:http';
import Router from '@koa/router';
import { listening, message, sendAll, withApp } from '@verotrack/adapter-suite';
import { createVero, defineEvents, event, pickIdentity } from '@verotrack/core';
import { declaredEvents } from '@verotrack/core/adapter';
import { startInspector } from '@verotrack/inspector';
import Koa, { type Middleware } from 'koa';
import { expect, test, vi } from 'vitest';
import { koaTracking } from '../src/index.ts';
import { loadUser } from '../src/your-app.ts';

// What the suite can't know: how Koa handles errors, and what its router calls a route.

const identify = {
  identify: ({ ctx }: { ctx: Koa.Context }) => pickIdentity(ctx.state.user, ['id', 'email']),
};

const fails: Middleware = () => {
  throw new Error('the form was refused');
};

const redirectErrors: Middleware = async (ctx, next) => {
  try {
    await next();
  } catch {
    ctx.redirect('/form');
  }
};

const running = (app: Pick<Koa, 'callback'>) => listening(createServer(app.callback()));

test('an error that an outer middleware answers with a redirect emits nothing', async () => {
  await withApp(
    (vero) => {
      const { trackEvent, requestScope } = koaTracking(vero, identify);
      const app = new Koa().use(loadUser).use(requestScope()).use(redirectErrors);
      return running(app.use(trackEvent('sent_form')).use(fails));
    },
    async (bench) => {
      const [answer] = await sendAll(bench, message('POST', '/form'));
      expect(answer?.status).toBe(302);
      await bench.settle();
      expect(bench.inspector.events()).toEqual([]);
      expect(bench.told.skipped).toMatchObject([{ name: 'sent_form', reason: 'failure' }]);
    },
  );
});

test('an error that the route answers by itself emits its event', async () => {
  await withApp(
    (vero) => {
      const app = new Koa().use(loadUser).use(koaTracking(vero, identify).trackEvent('sent_form'));
      return running(app.use(redirectErrors).use(fails));
    },
    async (bench) => {
      await sendAll(bench, message('POST', '/form'));
      await bench.arrived(1);
    },
  );
});

test('what is told of a route has its pattern, and of a middleware its path', async () => {
  await withApp(
    (vero) => {
      const { trackEvent } = koaTracking(vero);
      const router = new Router();
      router.post('/users/:id', trackEvent('changed'), (ctx) => void (ctx.body = 'done'));
      return running(new Koa().use(trackEvent('visited')).use(router.routes()));
    },
    async (bench) => {
      await sendAll(bench, message('POST', '/users/7'));
      await bench.settle();
      expect(bench.told.skipped).toMatchObject([
        { name: 'visited', reason: 'no-identity', route: 'POST /users/7' },
        { name: 'changed', reason: 'no-identity', route: 'POST /users/:id' },
      ]);
    },
  );
});

const events = defineEvents({ opened: event<{ page: string }>(), closed: event() });

test('a declaration is checked when the application starts, and by the compiler', () => {
  const vero = createVero({ authToken: 'tok_secret_koa', enabled: false, events });
  const { trackEvent } = koaTracking(vero);
  trackEvent('opened', { data: ({ ctx }) => ({ page: ctx.path }) });
  trackEvent('closed');
  // @ts-expect-error: it is not in the catalogue
  expect(() => trackEvent('openned', { data: { page: '/' } })).toThrow('openned');
  // @ts-expect-error: an option that does not exist
  expect(() => trackEvent('closed', { wen: () => true })).toThrow('wen');
  // @ts-expect-error: it has data
  trackEvent('opened');
  // @ts-expect-error: no client
  expect(() => koaTracking({})).toThrow('koaTracking');
});

test('the tracking plan knows what was declared', () => {
  const vero = createVero({ authToken: 'tok_secret_koa', enabled: false });
  koaTracking(vero).trackEvent('opened');
  expect(declaredEvents(vero)).toMatchObject([{ framework: 'koa', names: ['opened'], identity: 'scope' }]);
});

test('the application of the README tracks its event', async () => {
  const inspector = await startInspector();
  vi.stubEnv('VERO_AUTH_TOKEN', 'tok_secret_koa');
  vi.stubEnv('VERO_BASE_URL', inspector.url);
  const { app, vero } = await import('../src/app.ts');
  const server = await running(app);
  try {
    const response = await fetch(`${server.url}/cart/items?name=Blue%20shoes`, { method: 'POST' });
    expect(await response.json()).toEqual({ id: 7, name: 'Blue shoes' });
    await vero.close();
    expect(inspector.events()).toMatchObject([
      { name: 'add_to_cart', identity: { id: '42' }, data: { item_name: 'Blue shoes' } },
    ]);
  } finally {
    vi.unstubAllEnvs();
    await server.close();
    await inspector.close();
  }
});
