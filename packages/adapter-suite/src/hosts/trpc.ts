import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type AnyTRPCRouter, initTRPC, type TRPC_ERROR_CODE_KEY, TRPCError } from '@trpc/server';
import { createExpressMiddleware } from '@trpc/server/adapters/express';
import { type CreateFastifyContextOptions, fastifyTRPCPlugin } from '@trpc/server/adapters/fastify';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import type { Vero } from '@verotrack/core';
import { type CallContext, type TrackCallOptions, trpcTracking } from '@verotrack/trpc';
import express from 'express';
import fastify from 'fastify';
import { z } from 'zod';
import {
  type Declared,
  type Facts,
  type Host,
  type Input,
  Refusal,
  type RunningHost,
  type Scenario,
  Streamed,
  type User,
  userOf,
} from '../scenario.ts';
import { listening } from './listening.ts';
import { adapterOptions, applied, declarationOptions, withErrors } from './neutral.ts';

export interface Context {
  /** Who is logged in; a call may change it. */
  readonly session: { user: User | undefined };
  /** Not there on a platform that only knows Fetch's `Response`. */
  readonly res: ServerResponse | undefined;
  readonly answer: { status: number | undefined };
}

export function contextOf(userId: unknown, res: ServerResponse | undefined): Context {
  const user = typeof userId === 'string' ? userOf(userId) : undefined;
  return { session: { user }, res, answer: { status: undefined } };
}

/** Serves a router on one platform. `contextOf` makes its context. */
export type Platform = (options: PlatformOptions) => Promise<RunningHost>;

export interface PlatformOptions {
  readonly router: AnyTRPCRouter;
  readonly responseMeta: (meta: { readonly ctx?: unknown; readonly errors: readonly unknown[] }) => {
    readonly status?: number;
  };
}

type Callbacks = CallContext<Context, Input>;

const factsOf = ({ ctx, input, result }: Callbacks): Facts => ({ user: ctx.session.user, input, result });

export function trpcHost(name: string, platform: Platform, { seesResponse = true } = {}): Host {
  return {
    name,
    kind: 'rpc',
    seesResponse,
    seesErrors: true,
    request: (scenario, input) => ({
      method: 'POST',
      path: scenario.streams ? '/run?batch=1' : '/run',
      headers: {
        'content-type': 'application/json',
        ...(scenario.streams ? { 'trpc-accept': 'application/jsonl' } : {}),
      },
      body: JSON.stringify(scenario.streams ? { 0: input } : input),
    }),
    resultOf: (body) => (body.startsWith('{"result"') ? JSON.parse(body).result.data : body),
    start: async (scenario, clients) => {
      const router = routerOf(scenario, clients, seesResponse);
      return await platform({ router, responseMeta: statusOf });
    },
  };
}

/** What the handler asked for, if nothing failed. */
function statusOf({ ctx, errors }: Parameters<PlatformOptions['responseMeta']>[0]): { status?: number } {
  const status = (ctx as Context | undefined)?.answer.status;
  return status === undefined || errors.length > 0 ? {} : { status };
}

function routerOf(scenario: Scenario, clients: readonly Vero[], seesResponse: boolean): AnyTRPCRouter {
  const t = initTRPC.context<Context>().create();
  const [vero] = clients;
  if (!vero) throw new Error('no client');
  const trackings = clients.map((client) =>
    trpcTracking<Context>(client, {
      ...adapterOptions(scenario.options, ({ ctx }: CallContext<Context>) => ctx.session.user),
      ...(seesResponse ? { response: ({ ctx }) => ctx.res } : {}),
    }),
  );
  let base = t.procedure;
  for (const { requestScope } of trackings) base = base.use(requestScope()) as typeof base;
  if (scenario.guarded) {
    base = base.use(({ ctx, next }) => {
      if (!ctx.session.user) throw new TRPCError({ code: 'UNAUTHORIZED' });
      return next();
    }) as typeof base;
  }
  const note = z.looseObject({ note: z.string() });
  let procedure = base.input(scenario.validated ? note : z.record(z.string(), z.unknown()));
  for (const { trackEvent } of trackings) {
    for (const each of applied(scenario, (declared) => trackEvent(declared.name, callOptions(declared)))) {
      procedure = procedure.use(each) as typeof procedure;
    }
  }
  const run = procedure.mutation(({ ctx, input, signal }) => {
    const work = {
      vero,
      input,
      status: (code: number) => {
        ctx.answer.status = code;
      },
      left: new Promise((resolve) => signal?.addEventListener('abort', resolve)),
      logIn: (user: User | undefined) => {
        ctx.session.user = user;
      },
      user: ctx.session.user,
    };
    const answer = (result: unknown): unknown =>
      result instanceof Streamed ? piecesOf(result) : (result ?? null);
    const result = withErrors(() => scenario.handle(work), toTrpcError);
    return result instanceof Promise ? result.then(answer) : answer(result);
  });
  return t.router({ run });
}

function callOptions(declared: Declared): TrackCallOptions<Context, Input> {
  return declarationOptions<Callbacks>(declared, factsOf);
}

async function* piecesOf({ chunks }: Streamed): AsyncGenerator<string> {
  yield* chunks;
}

const CODES: Readonly<Record<number, TRPC_ERROR_CODE_KEY>> = {
  400: 'BAD_REQUEST',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  503: 'SERVICE_UNAVAILABLE',
};

function toTrpcError(thrown: unknown): unknown {
  if (!(thrown instanceof Refusal)) return thrown;
  return new TRPCError({ code: CODES[thrown.status] ?? 'INTERNAL_SERVER_ERROR', message: thrown.message });
}

interface NodeMessages {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

const nodeContext = ({ req, res }: NodeMessages): Context => contextOf(req.headers['x-user'], res);

export const standalone: Platform = (options) =>
  listening(createServer(createHTTPHandler({ ...options, createContext: nodeContext })));

export const onExpress: Platform = (options) => {
  const app = express();
  app.use(createExpressMiddleware({ ...options, createContext: nodeContext }));
  return listening(createServer(app));
};

export const onFastify: Platform = async (options) => {
  const app = fastify();
  const createContext = ({ req, res }: CreateFastifyContextOptions): Context =>
    contextOf(req.headers['x-user'], res.raw);
  await app.register(fastifyTRPCPlugin, { prefix: '/', trpcOptions: { ...options, createContext } });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    url,
    close: async () => {
      app.server.closeAllConnections();
      await app.close();
    },
  };
};

/** Fetch's `Request` and `Response`, on a server that knows them: here a bridge to Node's. */
export const onFetch: Platform = (options) => {
  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const left = new AbortController();
    res.on('close', () => left.abort());
    const response = await fetchRequestHandler({
      ...options,
      endpoint: '',
      req: new Request(`http://localhost${req.url}`, {
        method: req.method ?? 'GET',
        headers: Object.entries(req.headers) as [string, string][],
        body: Readable.toWeb(req),
        duplex: 'half',
        signal: left.signal,
      } as RequestInit),
      createContext: ({ req: request }) => contextOf(request.headers.get('x-user') ?? undefined, undefined),
    });
    res.writeHead(response.status, Object.fromEntries(response.headers));
    if (response.body) await pipeline(Readable.fromWeb(response.body as ReadableStream), res);
    else res.end();
  };
  return listening(createServer((req, res) => void answer(req, res).catch(() => res.destroy())));
};
