import 'reflect-metadata';
import '../src/vitest.ts';
import { once } from 'node:events';
import { Agent, createServer, get, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import {
  Controller,
  Get,
  type INestApplication,
  Inject,
  Injectable,
  Module,
  StreamableFile,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { initTRPC, TRPCError } from '@trpc/server';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { defineEvents, event, type Vero } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import { createTracking, InjectVero, VERO, VeroModule } from '@verotrack/nestjs';
import { trpcTracking } from '@verotrack/trpc';
import express from 'express';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type Recorder, recordVero, replaceVero } from '../src/index.ts';

const events = defineEvents({
  viewed: z.object({ page: z.string() }),
  failed: event(),
  streamed: event(),
  served: event(),
});
const jane = { id: '42' };
const closers: (() => unknown)[] = [];
let recorder: Recorder<typeof events>;

beforeEach(() => {
  recorder = recordVero({ events });
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function serve(handler: RequestListener): Promise<string> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('flushRequests', () => {
  it('lets an Express test look at what its requests did', async () => {
    const { trackEvent } = expressTracking(recorder, { identify: () => jane });
    const app = express();
    app.set('env', 'test');
    app.get(
      '/viewed',
      trackEvent('viewed', { data: ({ req }) => ({ page: req.path }) }),
      (_req, res) => void res.json({}),
    );
    app.get('/failed', trackEvent('failed'), () => {
      throw new Error('no');
    });
    app.get('/streamed', trackEvent('streamed'), (_req, res) => void Readable.from(['a', 'b']).pipe(res));
    const url = await serve(app);

    for (let n = 0; n < 20; n++) await fetch(`${url}/viewed`);
    await fetch(`${url}/failed`);
    await (await fetch(`${url}/streamed`)).text();
    await recorder.flushRequests();

    expect(recorder).toHaveTrackedTimes('viewed', 20, { data: { page: '/viewed' }, identity: { id: '42' } });
    expect(recorder).toHaveTracked('streamed');
    expect(recorder).not.toHaveTracked('failed');
    expect(recorder.untracked()).toEqual([
      { name: 'failed', kind: 'skipped', reason: 'failure', route: 'GET /failed' },
    ]);
  });

  it('works over a connection that is kept alive', async () => {
    const { trackEvent } = expressTracking(recorder, { identify: () => jane });
    const app = express();
    app.get('/viewed', trackEvent('viewed', { data: { page: '/' } }), (_req, res) => void res.end());
    const url = await serve(app);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    closers.push(() => agent.destroy());
    for (let n = 1; n <= 5; n++) {
      const [response] = (await once(get(`${url}/viewed`, { agent }), 'response')) as [NodeJS.ReadableStream];
      response.resume();
      await recorder.flushRequests();
      expect(recorder).toHaveTrackedTimes('viewed', n);
    }
  });

  it('lets a tRPC test look at what its calls did', async () => {
    const { trackEvent } = trpcTracking<object, typeof events>(recorder, { identify: () => jane });
    const t = initTRPC.create();
    const router = t.router({
      view: t.procedure.use(trackEvent('viewed', { data: ({ path }) => ({ page: path }) })).query(() => 'ok'),
      fail: t.procedure.use(trackEvent('failed')).query(() => {
        throw new TRPCError({ code: 'NOT_FOUND' });
      }),
    });
    const url = await serve(createHTTPHandler({ router }));

    await fetch(`${url}/view`);
    await fetch(`${url}/view,fail?batch=1`);
    await recorder.flushRequests();

    expect(recorder).toHaveTrackedTimes('viewed', 2, { data: { page: 'view' } });
    expect(recorder).not.toHaveTracked('failed');
  });
});

const { TrackEvent } = createTracking(events);

@Injectable()
class Service {
  constructor(@InjectVero() private readonly vero: Vero<typeof events>) {}

  serve(): void {
    this.vero.trackOnSuccess('served');
  }
}

@Controller()
class AppController {
  constructor(@Inject(Service) private readonly service: Service) {}

  @Get('viewed')
  @TrackEvent('viewed', { data: ({ request }) => ({ page: request.url }) })
  view(): string {
    this.service.serve();
    return 'ok';
  }

  @Get('failed')
  @TrackEvent('failed')
  fail(): never {
    throw new Error('no');
  }

  @Get('streamed')
  @TrackEvent('streamed')
  stream(): StreamableFile {
    return new StreamableFile(Readable.from(['a', 'b'], { objectMode: false }));
  }
}

describe('replaceVero', () => {
  const identify = (): typeof jane => jane;

  it.each([
    [
      'forRoot with a token',
      () => VeroModule.forRoot({ authToken: 'tok_secret_of_the_application', identify }),
    ],
    ['forRoot without one', () => VeroModule.forRoot({ identify })],
    ['forRootAsync', () => VeroModule.forRootAsync({ useFactory: async () => ({ events, identify }) })],
  ])('puts the recorder in the place of the client of %s', async (_how, tracking) => {
    vi.stubEnv('VERO_AUTH_TOKEN', '');
    const module = tracking();
    Module({ imports: [module], controllers: [AppController], providers: [Service] })(AppModule);
    const builder = replaceVero(Test.createTestingModule({ imports: [AppModule] }), recorder);
    const app: INestApplication = (await builder.compile()).createNestApplication({ logger: false });
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();

    await fetch(`${url}/viewed`);
    await fetch(`${url}/failed`);
    await (await fetch(`${url}/streamed`)).text();
    await recorder.flushRequests();

    expect(app.get(VERO)).toBe(recorder);
    expect(recorder).toHaveTracked('viewed', { identity: { id: '42' }, data: { page: '/viewed' } });
    expect(recorder).toHaveTracked('served');
    expect(recorder).toHaveTracked('streamed');
    expect(recorder).not.toHaveTracked('failed');
    await app.close();
    expect(recorder).toHaveTrackedTimes('viewed', 1);
    vi.unstubAllEnvs();
  });
});

class AppModule {}
