import { createVero, defineEvents, event, type Vero } from '@verotrack/core';
import { type ExpressContext, expressTracking } from '@verotrack/express';
import express, { type Request } from 'express';
import { describe, expect, it, vi } from 'vitest';
import { message, sendAll } from '../src/app.ts';
import type { Bench } from '../src/bench.ts';
import { readUser, requireUser } from '../src/hosts/express.ts';
import { expectOutcome } from '../src/suite.ts';
import { frameworks, servedBy, trackingOf } from './express-app.ts';

describe.each(frameworks)('%s', (_name, framework) => {
  const withExpress = servedBy(framework);

  it('emits nothing when a handler passes an error on', async () => {
    await withExpress(
      (app, vero) => {
        const { trackEvent } = trackingOf(vero);
        app.post('/', readUser, trackEvent('bought'), (_req, _res, next) => next(new Error('broken')));
      },
      async (bench) => {
        await sendAll(bench, message('POST', '/'));
        await bench.settle();
        expectOutcome(bench, { events: [], skipped: ['bought: failure'] });
      },
    );
  });

  it('emits nothing when a middleware after the declaration refuses', async () => {
    await withExpress(
      (app, vero) => {
        app.post('/', trackingOf(vero).trackEvent('bought'), requireUser, (_req, res) => void res.end());
      },
      async (bench) => {
        expect(await sendAll(bench, message('POST', '/', null))).toMatchObject([{ status: 401 }]);
        await bench.settle();
        expectOutcome(bench, { events: [], skipped: ['bought: failure'] });
      },
    );
  });

  it('emits nothing when a handler destroys the response, or fails after the first byte', async () => {
    await withExpress(
      (app, vero) => {
        const { trackEvent } = trackingOf(vero);
        app.use(readUser);
        app.get('/destroyed', trackEvent('bought'), (_req, res) => void res.destroy());
        app.get('/torn', trackEvent('bought'), (_req, res, next) => {
          res.write('half an answer');
          next(new Error('broken'));
        });
      },
      async (bench) => {
        await expect(bench.sendMessage(message('GET', '/destroyed'))).rejects.toThrow();
        await expect(bench.sendMessage(message('GET', '/torn'))).rejects.toThrow();
        await bench.settle();
        expectOutcome(bench, { events: [], skipped: ['bought: aborted', 'bought: aborted'] });
      },
    );
  });

  it('knows the parameters and the base of the route, also in a router inside a router', async () => {
    await withExpress(
      (app, vero) => {
        const { trackEvent } = trackingOf(vero);
        const inner = framework.Router({ mergeParams: true });
        inner.post(
          '/items/:item',
          trackEvent('bought', { data: ({ req: { params, baseUrl } }) => ({ ...params, baseUrl }) }),
          (_req, res) => void res.end(),
        );
        const outer = framework.Router();
        outer.use('/carts/:cart', inner);
        app.use('/shop', readUser, outer);
      },
      async (bench) => {
        await sendAll(bench, message('POST', '/shop/carts/7/items/hat'));
        await bench.settle();
        const data = { cart: '7', item: 'hat', baseUrl: '/shop/carts/7' };
        expectOutcome(bench, { events: [{ name: 'bought', by: '42', data }] });
      },
    );
  });

  it('knows the parameters also when an error handler ran', async () => {
    await withExpress(
      (app, vero) => {
        const { trackEvent } = trackingOf(vero);
        app.post(
          '/items/:item',
          readUser,
          trackEvent('missed', { success: () => true, data: ({ req }) => ({ item: req.params.item }) }),
          (_req, _res, next) => next(new Error('broken')),
        );
        app.use(((_error, _req, res, _next) => void res.status(500).end()) as express.ErrorRequestHandler);
      },
      async (bench) => {
        await sendAll(bench, message('POST', '/items/hat'));
        await bench.settle();
        expectOutcome(bench, { events: [{ name: 'missed', by: '42', data: { item: 'hat' } }] });
      },
    );
  });

  it('leaves the parameters of a running handler alone, and tells each declaration its own', async () => {
    const seen: unknown[] = [];
    await withExpress(
      (app, vero) => {
        const { trackEvent, requestScope } = trackingOf(vero);
        const data = async ({ req }: ExpressContext) => {
          await new Promise(setImmediate);
          return { ...req.params, baseUrl: req.baseUrl };
        };
        app.use(requestScope());
        const router = framework.Router();
        router.get('/items/:item', trackEvent('item', { data }), (req, res) => {
          vero.track('seen');
          seen.push({ ...req.params, baseUrl: req.baseUrl }, vero.identity());
          req.user = { id: '42', email: '42@example.com', passwordHash: '' };
          res.end();
        });
        app.use('/tenants/:tenant', trackEvent('tenant', { data }), router);
      },
      async (bench) => {
        await sendAll(bench, message('GET', '/tenants/7/items/hat', null));
        await bench.settle();
        expect(seen).toEqual([{ item: 'hat', baseUrl: '/tenants/7' }, undefined]);
        expectOutcome(bench, {
          events: [
            { name: 'item', by: '42', data: { item: 'hat', baseUrl: '/tenants/7' } },
            { name: 'tenant', by: '42', data: { tenant: '7', baseUrl: '/tenants/7' } },
          ],
        });
      },
    );
  });

  it('emits what is handled although its client left before the declaration was reached', async () => {
    let passed = (): void => {};
    const passing = new Promise<void>((resolve) => {
      passed = resolve;
    });
    await withExpress(
      (app, vero) => {
        const { trackEvent, requestScope } = trackingOf(vero);
        app.use(readUser, requestScope());
        const slow: express.RequestHandler = (_req, res, next) => {
          res.on('close', () => setImmediate(next));
          passed();
        };
        app.post(
          '/',
          slow,
          trackEvent('bought', { on: 'handled' }),
          trackEvent('answered'),
          (_req, res) => void res.end(),
        );
      },
      async (bench) => {
        const connection = await bench.connect();
        connection.writeMessages(message('POST', '/'));
        await passing;
        connection.leave();
        await bench.arrived(1);
        await bench.settle();
        expectOutcome(bench, { events: [{ name: 'bought', by: '42' }], skipped: ['answered: aborted'] });
      },
    );
  });

  it('gives up what waits for code that never ends, a while after its client has left', async () => {
    const { setTimeout: real } = globalThis;
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, ms?: number) =>
      real(run, ms === 300_000 ? 1 : ms)) as typeof setTimeout);
    let reached = (): void => {};
    const waiting = new Promise<void>((resolve) => {
      reached = resolve;
    });
    await withExpress(
      (app, vero) => {
        const { trackEvent } = trackingOf(vero);
        app.post('/', readUser, trackEvent('bought', { on: 'handled' }), () => reached());
      },
      async (bench) => {
        const connection = await bench.connect();
        connection.writeMessages(message('POST', '/'));
        await waiting;
        connection.leave();
        await expect.poll(() => bench.told.skipped.length).toBe(1);
        await bench.settle();
        expectOutcome(bench, { events: [], skipped: ['bought: aborted'] });
      },
    );
    vi.restoreAllMocks();
  });

  it('settles a request that was queued behind another on a connection that is gone already', async () => {
    let go = (): void => {};
    const gone = new Promise<void>((resolve) => {
      go = resolve;
    });
    const reached: string[] = [];
    await withExpress(
      (app, vero) => {
        app.get('/first', readUser, (req) => {
          reached.push('first');
          req.socket.on('close', () => setImmediate(go));
        });
        app.get(
          '/second',
          readUser,
          async (_req, _res, next) => {
            await gone;
            next();
          },
          trackingOf(vero).trackEvent('bought'),
          (_req, res) => void res.end(() => reached.push('second')),
        );
      },
      async (bench) => {
        const connection = await bench.connect();
        connection.writeMessages(message('GET', '/first'), message('GET', '/second'));
        await expect.poll(() => reached).toEqual(['first']);
        connection.leave();
        await expect.poll(() => bench.told.skipped.length).toBe(1);
        await bench.settle();
        expectOutcome(bench, { events: [], skipped: ['bought: aborted'] });
      },
    );
  });

  it('emits nothing when an error is answered with a redirect, if errors are tracked', async () => {
    await withExpress(
      (app, vero) => {
        const { trackEvent, trackErrors } = trackingOf(vero);
        const declared = [trackEvent('bought'), trackEvent('taken', { success: () => true })];
        app.post('/', readUser, ...declared, () => {
          throw new Error('broken');
        });
        const answer: express.ErrorRequestHandler = (_error, _req, res, _next) =>
          void res.redirect('/form?error=1');
        app.use(trackErrors(), answer);
      },
      async (bench) => {
        expect(await sendAll(bench, message('POST', '/'))).toMatchObject([{ status: 302 }]);
        await bench.settle();
        expectOutcome(bench, { events: [], skipped: ['bought: failure', 'taken: failure'] });
      },
    );
  });

  it('knows of an error that comes after the answer only if errors are tracked', async () => {
    for (const isTracked of [false, true]) {
      await withExpress(
        (app, vero) => {
          const { trackEvent, trackErrors } = trackingOf(vero);
          app.post('/', readUser, trackEvent('bought'), (_req, res) => {
            res.end('bought');
            throw new Error('broken');
          });
          if (isTracked) app.use(trackErrors());
          const ignore: express.ErrorRequestHandler = (_error, _req, _res, _next) => {};
          app.use(ignore);
        },
        async (bench) => {
          expect(await sendAll(bench, message('POST', '/'))).toMatchObject([{ status: 200 }]);
          await bench.settle();
          const one = { events: [{ name: 'bought', by: '42' }] };
          expectOutcome(bench, isTracked ? { events: [], skipped: ['bought: failure'] } : one);
        },
      );
    }
  });

  describe('trackEvents', () => {
    const withPlans = (choose: (req: Request) => unknown, test: (bench: Bench) => Promise<void>) =>
      withExpress((app, vero) => {
        const { trackEvents } = trackingOf(vero);
        app.use(readUser);
        app.post(
          '/plan',
          trackEvents(['upgraded', 'downgraded'], ({ req }) => choose(req) as never),
          (_req, res) => void res.end(),
        );
      }, test);

    it.each([
      ['none', [], []],
      ['nothing at all', undefined, []],
      ['null', null, []],
      ['one', { name: 'upgraded', data: { to: 'pro' } }, [{ name: 'upgraded', data: { to: 'pro' } }]],
      ['a promise of one', Promise.resolve({ name: 'downgraded' }), [{ name: 'downgraded' }]],
      [
        'several',
        [{ name: 'upgraded' }, { name: 'downgraded' }],
        [{ name: 'upgraded' }, { name: 'downgraded' }],
      ],
      [
        'one several times',
        [{ name: 'upgraded' }, { name: 'upgraded' }],
        [{ name: 'upgraded' }, { name: 'upgraded' }],
      ],
    ])('emits %s of its events', async (_what, chosen, events) => {
      await withPlans(
        () => chosen,
        async (bench) => {
          await sendAll(bench, message('POST', '/plan'));
          await bench.settle();
          expectOutcome(bench, { events: events.map((event) => ({ ...event, by: '42' })) });
        },
      );
    });

    it('says what a choice looks like when it gets a name', async () => {
      await withPlans(
        () => 'upgraded',
        async (bench) => {
          await sendAll(bench, message('POST', '/plan'));
          await bench.settle();
          expectOutcome(bench, { events: [], failed: ['choose'] });
          expect(bench.told.error[0]?.error.message).toContain(
            "choose objects like { name: 'upgraded' }, not a string",
          );
        },
      );
    });

    it('emits nothing when it chooses an event that it did not name, and tells', async () => {
      await withPlans(
        () => [{ name: 'upgraded' }, { name: 'cancelled' }],
        async (bench) => {
          await sendAll(bench, message('POST', '/plan'));
          await bench.settle();
          const skipped = ['upgraded or downgraded: callback-failed'];
          expectOutcome(bench, { events: [], skipped, failed: ['choose'] });
          expect(bench.told.error[0]?.error.message).toContain(
            '"cancelled", which is none of upgraded, downgraded',
          );
        },
      );
    });
  });
});

describe('bad options are refused when the application starts', () => {
  const vero = createVero({ enabled: false });
  const { trackEvent, trackEvents } = expressTracking(vero);
  const catalogued = expressTracking(
    createVero({ events: defineEvents({ bought: event() }), enabled: false }),
  );

  it.each<[string, () => unknown, RegExp]>([
    [
      'no client',
      () => expressTracking({} as Vero),
      /^expressTracking: its client must be one that createVero made/,
    ],
    [
      'a wrong option',
      () => expressTracking(vero, { identity: 1 } as never),
      /unknown option "identity".*"identify"/,
    ],
    [
      'a wrong identify',
      () => expressTracking(vero, { identify: 'id' } as never),
      /"identify" must be a function/,
    ],
    ['no name', () => trackEvent(''), /^trackEvent: the event's name must not be empty/],
    [
      'an event that is not in the catalogue',
      () => catalogued.trackEvent('bougt' as never),
      /^trackEvent: event "bougt" is not in the catalogue. Did you mean "bought"\?/,
    ],
    [
      'an event that is not in the catalogue, among others',
      () => catalogued.trackEvents(['bought', 'bougt' as never], () => undefined),
      /^trackEvents: event "bougt" is not in the catalogue/,
    ],
    ['a wrong name', () => trackEvent(7 as never), /^trackEvent: the event's name must be a string, not 7/],
    [
      'a misspelt option',
      () => trackEvent('a', { dat: {} } as never),
      /trackEvent\('a'\): unknown option "dat".*"data"/,
    ],
    [
      'a wrong moment',
      () => trackEvent('a', { on: 'later' } as never),
      /"on" must be 'response' or 'handled'/,
    ],
    [
      'data that is a list',
      () => trackEvent('a', { data: [] } as never),
      /"data" must be an object or a function/,
    ],
    ['no names', () => trackEvents([], () => []), /must be a list of event names/],
    ['no choice', () => trackEvents(['a'], undefined as never), /second argument must be a function/],
  ])('%s', (_what, start, expected) => {
    expect(start).toThrow(
      expect.objectContaining({ code: 'VERO_CONFIG', message: expect.stringMatching(expected) }),
    );
  });
});
