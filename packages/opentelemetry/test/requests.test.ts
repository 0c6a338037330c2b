import 'reflect-metadata';
import { once } from 'node:events';
import { Agent, createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Controller, Module, Post, Req } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { context, trace } from '@opentelemetry/api';
import { initTRPC } from '@trpc/server';
import { createExpressMiddleware } from '@trpc/server/adapters/express';
import { createVero, type Vero } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import { type Inspector, startInspector } from '@verotrack/inspector';
import { TrackEvent, VeroModule } from '@verotrack/nestjs';
import { trpcTracking } from '@verotrack/trpc';
import express, { type Express, type Request } from 'express';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Telemetry } from './telemetry.ts';

const USER = { id: '42' };
const DECLARED = 'declared';
const ON_SUCCESS = 'on_success';

let inspector: Inspector;
let vero: Vero;
let telemetry: Telemetry;
let server: Server | undefined;

beforeEach(async () => {
  inspector = await startInspector({ port: 0 });
  vero = createVero({ authToken: 'tok_secret_of_requests', baseUrl: inspector.url, unique: true });
  telemetry = new Telemetry();
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  await vero.close({ timeout: 0 });
  await inspector.close();
});

/** An application in which each request has a span, which its answer names. */
function traced(): Express {
  const app = express();
  app.use((req, res, next) => {
    const span = telemetry.tracerProvider.getTracer('http').startSpan(`${req.method} ${req.path}`);
    res.setHeader('x-span', span.spanContext().spanId);
    res.once('close', () => span.end());
    context.with(trace.setSpan(context.active(), span), next);
  });
  return app;
}

/** A service deep in the application, which knows of no request. */
async function work(n: number): Promise<{ n: number }> {
  await new Promise(setImmediate);
  vero.trackOnSuccess(ON_SUCCESS, { data: { n } });
  return { n };
}

type Serve = (app: Express) => Promise<string>;

const onExpress: Serve = async (app) => {
  const { trackEvent } = expressTracking(vero, { identify: () => USER });
  app.post(
    '/run',
    trackEvent(DECLARED, { data: ({ req }) => ({ n: Number(req.query.n) }) }),
    async (req, res) => {
      res.json(await work(Number(req.query.n)));
    },
  );
  return '/run?n=';
};

const onNest: Serve = async (app) => {
  @Controller()
  class Work {
    @Post('run')
    @TrackEvent<{ n: number }>(DECLARED, { data: ({ result }) => ({ n: result.n }) })
    run(@Req() req: Request): Promise<{ n: number }> {
      return work(Number(req.query.n));
    }
  }

  @Module({ imports: [VeroModule.forRoot({ client: vero, identify: () => USER })], controllers: [Work] })
  class App {}

  const nest = await NestFactory.create(App, new ExpressAdapter(app), { logger: false });
  await nest.init();
  return '/run?n=';
};

const onTrpc: Serve = async (app) => {
  const { trackEvent } = trpcTracking<object>(vero, { identify: () => USER });
  const t = initTRPC.create();
  const router = t.router({
    run: t.procedure
      .input((value) => value as number)
      .use(trackEvent(DECLARED, { data: ({ input }) => ({ n: input }) }))
      .query(({ input }) => work(input)),
  });
  app.use('/trpc', createExpressMiddleware({ router }));
  return '/trpc/run?input=';
};

/** Over one connection, so that what closes a response runs in the context of whatever came before it. */
async function ask(url: string, method: string, agent: Agent): Promise<string> {
  const sent = httpRequest(url, { method, agent }).end();
  const [answer] = await once(sent, 'response');
  answer.resume();
  await once(answer, 'end');
  expect(answer.statusCode).toBeLessThan(300);
  return answer.headers['x-span'];
}

describe.each([
  ['Express', onExpress, 'POST'],
  ['NestJS', onNest, 'POST'],
  ['tRPC', onTrpc, 'GET'],
] as const)('a request to %s', (_, serve, method) => {
  it('is what the deliveries of its events link to: of declared ones and of those that waited for its success', async () => {
    const app = traced();
    const path = await serve(app);
    server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const asked = [0, 1, 2, 3, 4].map((n) => ask(`${url}${n}`, method, agent));
    const spanIds = await Promise.all(asked);
    await vero.flush();
    agent.destroy();

    expect(new Set(spanIds).size).toBe(5);
    const events = inspector.events();
    expect(events.map(({ name }) => name).toSorted()).toEqual([
      ...Array(5).fill(DECLARED),
      ...Array(5).fill(ON_SUCCESS),
    ]);
    for (const { name, data } of events) {
      const span = telemetry.spanOf(data?._event_id);
      expect(span?.name).toBe(`send ${name}`);
      expect(span?.links.map((link) => link.context.spanId)).toEqual([spanIds[Number(data?.n)]]);
    }
  });
});
