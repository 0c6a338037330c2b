import { NestFactory } from '@nestjs/core';
import { initTRPC, lazy } from '@trpc/server';
import { createVero, defineEvents, event } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import { VeroModule } from '@verotrack/nestjs';
import { trpcTracking } from '@verotrack/trpc';
import * as oldTrpc from 'trpc-11.0';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { type PlanOptions, toJson, toMarkdown, trackingPlan } from '../src/index.ts';

beforeAll(() => vi.stubEnv('VERO_ENABLED', 'false'));

const root = import.meta.dirname;

describe('of an Express application', () => {
  const plan = async () => {
    vi.spyOn(console, 'log').mockReturnValue();
    return await trackingPlan({ ...(await import('./apps/express.ts')).plan, root });
  };

  it('the plan has what its client was told, by the label of the route or by the file', async () => {
    expect((await plan()).routes).toEqual([
      {
        framework: 'express',
        route: 'POST /cart/items',
        event: 'add_to_cart',
        identity: 'adapter',
        conditions: [],
        callSite: { file: 'apps/shop.ts', line: expect.any(Number) },
      },
      {
        framework: 'express',
        route: 'apps/shop.ts',
        event: 'viewed_cart',
        identity: 'adapter',
        conditions: [],
        callSite: { file: 'apps/shop.ts', line: expect.any(Number) },
      },
    ]);
  });

  it('the plan knows what only code tracks, and what nothing does', async () => {
    const { trackedInCode, notEmitted, notInCatalogue } = await plan();
    expect(trackedInCode).toEqual([{ event: 'purchased', where: 'Orders.purchase' }]);
    expect(notEmitted).toEqual(['logged_out']);
    expect(notInCatalogue).toEqual([]);
  });

  it('an event of several that a callback chooses among has a row of its own', async () => {
    const vero = createVero({ enabled: false });
    expressTracking(vero).trackEvents(['upgraded', 'downgraded'], () => null, { route: 'PUT /plan' });
    const { routes, events } = await trackingPlan({ vero });
    expect(routes).toMatchObject([
      { route: 'PUT /plan', event: 'downgraded', conditions: ['chosen'] },
      { route: 'PUT /plan', event: 'upgraded', conditions: ['chosen'] },
    ]);
    expect(events).toBeUndefined();
  });

  it('an event that is not in the catalogue is listed', async () => {
    const events = defineEvents({ known: event() });
    const vero = createVero({ enabled: false });
    expressTracking(vero).trackEvent('unknown', { route: 'GET /' });
    const { notInCatalogue, notEmitted } = await trackingPlan({ vero, events });
    expect([notInCatalogue, notEmitted]).toEqual([['unknown'], ['known']]);
  });
});

describe('of a tRPC router', () => {
  const plan = async () => await trackingPlan({ ...(await import('./apps/trpc.ts')).plan, root });
  const route = (framework: string, name: string, event: string, more: object = {}) =>
    expect.objectContaining({ framework, route: name, event, ...more });

  it('the plan has the procedures, nested and lazy ones too, and once what is applied twice', async () => {
    expect((await plan()).routes).toEqual(
      [
        route('trpc', 'mutation cart.add', 'added', { conditions: ['on: handled', 'unique: true'] }),
        route('trpc', 'query cart.view', 'viewed', { conditions: ['when'], identity: 'scope' }),
        route('trpc', 'subscription deep.reports.list', 'listed'),
        // What is declared and is in no procedure is told by its place.
        route('trpc', 'apps/trpc.ts', 'viewed'),
      ].toSorted((a, b) => (a.sample.route < b.sample.route ? -1 : 1)),
    );
  });

  it('the plan warns of meta that nothing reads, and of meta that is wrong', async () => {
    expect((await plan()).warnings).toEqual([
      'query lost: meta.track has no effect without trackFromMeta()',
      expect.stringContaining('query wrong: meta.track(\'viewed\'): unknown option "wehn"'),
    ]);
  });

  it('an adapter with an identify says whose events are', async () => {
    const identify = () => ({ id: 1 });
    const { trackEvent, trackFromMeta } = trpcTracking(createVero({ enabled: false }), { identify });
    const t = initTRPC.meta<{ track: string }>().create();
    const router = t.router({
      a: t.procedure.use(trackEvent('own', { identify })).query(() => 1),
      b: t.procedure.use(t.middleware(trackEvent('piped'))).query(() => 1),
      c: t.procedure
        .use(trackFromMeta())
        .meta({ track: 'meta' })
        .query(() => 1),
    });
    const { routes } = await trackingPlan({ router: [router] });
    expect(routes.map(({ identity }) => identity)).toEqual(['declaration', 'adapter', 'adapter']);
  });

  it('the oldest tRPC that is supported is read as the newest', async () => {
    const { trackEvent, trackFromMeta } = trpcTracking(createVero({ enabled: false }));
    const t = oldTrpc.initTRPC.meta<{ track: string }>().create();
    const base = t.procedure.use(trackFromMeta());
    const far = t.router({ read: base.meta({ track: 'read' }).query(() => 1) });
    const near = t.router({ far: oldTrpc.experimental_lazy(async () => far) });
    const router = t.router({
      deep: { add: t.procedure.use(trackEvent('added')).mutation(() => 1) },
      near: oldTrpc.experimental_lazy(async () => near),
    });
    const { routes } = await trackingPlan({ router });
    expect(routes.map(({ route, event }) => [route, event])).toEqual([
      ['mutation deep.add', 'added'],
      ['query near.far.read', 'read'],
    ]);
  });

  it('a lazy router that does not load is an error that names it', async () => {
    const t = initTRPC.create();
    const broken = lazy(async (): Promise<typeof inner> => {
      throw new Error('no such file');
    });
    const inner = t.router({});
    const router = t.router({ reports: broken });
    await expect(trackingPlan({ router })).rejects.toThrow(
      'the lazy router "reports" does not load: no such file',
    );
  });
});

describe('of a Nest application', () => {
  const app = async () => await import('./apps/nest.ts');
  const expected = [
    ['DELETE /products/:id', 'Products.delete', 'deleted', 'declaration', []],
    ['GET /health/live, /health, /ready/live, /ready', 'Health.health', 'unknown', 'adapter', []],
    ['GET /products', 'Products.list', 'listed', 'adapter', ['when']],
    ['GET /products/:id', 'Products.view', 'viewed', 'adapter', ['on: handled']],
  ];
  const rows = async (options: PlanOptions) =>
    (await trackingPlan(options)).routes.map((each) => [
      each.route,
      each.handler,
      each.event,
      each.identity,
      each.conditions,
    ]);

  it('the plan has the handlers, inherited ones too and no skipped ones, though nothing is instantiated', async () => {
    const { AppModule } = await app();
    expect(await rows({ module: AppModule })).toEqual(expected);
  });

  it('the plan has the catalogue that the module was given', async () => {
    const { AppModule } = await app();
    const { events, notInCatalogue } = await trackingPlan({ module: AppModule });
    expect(events?.map(({ name }) => name)).toEqual(['viewed', 'deleted', 'listed']);
    expect(notInCatalogue).toEqual(['unknown']);
  });

  it('the plan warns of what stands on no route', async () => {
    const { AppModule } = await app();
    const { warnings } = await trackingPlan({ module: AppModule });
    expect(warnings).toEqual([expect.stringContaining('@TrackEvent on Job.run has no effect')]);
  });

  it('an application that runs is read as it is', async () => {
    const { Products, tracking } = await app();
    const running = await NestFactory.create(
      { module: class Root {}, imports: [tracking], controllers: [Products] },
      { logger: false },
    );
    await running.init();
    expect(await rows({ module: running })).toEqual(expected.filter(([, name]) => name !== 'Health.health'));
    await running.close();
  });

  it('what forRootAsync gives is not known before the application runs', async () => {
    const { Products } = await app();
    const useFactory = () => {
      throw new Error('It runs.');
    };
    const imports = [VeroModule.forRootAsync({ useFactory })];
    const { routes, events } = await trackingPlan({
      module: { module: class Root {}, imports, controllers: [Products] } as never,
    });
    expect(routes.map(({ identity }) => identity)).toEqual(['declaration', 'unknown', 'unknown']);
    expect(events).toBeUndefined();
  });

  it('an application without VeroModule is warned of', async () => {
    const { Products } = await app();
    const module = { module: class Root {}, controllers: [Products] };
    expect(await trackingPlan({ module })).toMatchObject({
      routes: [],
      warnings: ['VeroModule is in none of the Nest modules, so no @TrackEvent has an effect'],
    });
  });
});

describe('the plan', () => {
  it('has all frameworks of one application, in an order of its own', async () => {
    const options = async (): Promise<PlanOptions> => ({
      ...(await import('./apps/trpc.ts')).plan,
      module: [(await import('./apps/nest.ts')).AppModule],
      root,
    });
    const plans = [await trackingPlan(await options()), await trackingPlan(await options())];
    expect(new Set(plans[0]?.routes.map(({ framework }) => framework))).toEqual(new Set(['nestjs', 'trpc']));
    expect(new Set(plans.map(toMarkdown)).size).toBe(1);
    expect(new Set(plans.map(toJson)).size).toBe(1);
  });

  it('is the same when a line of the code moves', async () => {
    const {
      Error: { prepareStackTrace },
    } = globalThis;
    const at = async (line: number) => {
      const vero = createVero({ enabled: false });
      const { trackEvent } = expressTracking(vero);
      Error.prepareStackTrace = () => `Error\n    at file:///app/routes.ts:${line}:1`;
      trackEvent('viewed');
      Error.prepareStackTrace = prepareStackTrace;
      const plan = await trackingPlan({ vero, root: '/app' });
      expect(plan.routes).toMatchObject([{ route: 'routes.ts', callSite: { line } }]);
      return [toMarkdown(plan), toJson(plan)];
    };
    expect(await at(1)).toEqual(await at(2));
  });

  it.each([
    [{}, 'there is nothing to plan. Pass "vero" (Express), "router" (tRPC), "module" (Nest) or "events"'],
    [{ vero: {} }, 'option "vero" must be a client that createVero made'],
    [{ router: {} }, 'option "router" must be a tRPC router'],
    [{ module: {} }, 'option "module" must be a Nest module'],
    [{ events: [] }, 'option "events" must be a catalogue'],
    [{ trackedInCode: { purchased: '' } }, 'option "trackedInCode" must be an object that says where'],
    [{ routers: [] }, 'unknown option "routers". Did you mean "router"?'],
  ])('of wrong options is an error that says what is wrong: %j', async (options, message) => {
    await expect(trackingPlan(options as PlanOptions)).rejects.toThrow(message);
  });
});
