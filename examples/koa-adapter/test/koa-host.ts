import { once } from 'node:events';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import Router from '@koa/router';
import {
  adapterOptions,
  applied,
  declarationOptions,
  type Facts,
  type Host,
  httpRequest,
  isBodiless,
  listening,
  Refusal,
  type Scenario,
  Streamed,
  userOf,
} from '@verotrack/adapter-suite';
import type { Vero } from '@verotrack/core';
import Koa, { type Context, type Middleware } from 'koa';
import { type KoaContext, koaTracking } from '../src/index.ts';

const answerError: Middleware = async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    if (ctx.headerSent) throw error;
    ctx.status = error instanceof Refusal ? error.status : 500;
    ctx.body = { error: (error as Error).message };
  }
};

const readInput: Middleware = async (ctx, next) => {
  ctx.state.input = ctx.is('json') ? await json(ctx.req) : {};
  await next();
};

const readUser: Middleware = async (ctx, next) => {
  const id = ctx.get('x-user');
  if (id) ctx.state.user = userOf(id);
  await next();
};

const requireUser: Middleware = (ctx, next) => {
  if (!ctx.state.user) throw new Refusal(401);
  return next();
};

const requireNote: Middleware = (ctx, next) => {
  if (typeof ctx.state.input.note !== 'string') throw new Refusal(400);
  return next();
};

// #region host
const factsOf = ({ ctx }: KoaContext): Facts => ({
  user: ctx.state.user,
  input: ctx.state.input,
  result: ctx.state.result,
});

export const koaHost: Host = {
  name: 'Koa 3',
  kind: 'http',
  seesResponse: true,
  seesErrors: true,
  request: httpRequest,
  resultOf: (body) => JSON.parse(body),
  start: async (scenario, clients) => {
    const trackings = clients.map((vero) =>
      koaTracking(
        vero,
        adapterOptions(scenario.options, ({ ctx }: KoaContext) => ctx.state.user),
      ),
    );
    const declared = trackings.flatMap(({ trackEvent }) =>
      applied(scenario, (each) => trackEvent(each.name, declarationOptions(each, factsOf))),
    );
    const router = new Router();
    const route: Middleware[] = [
      ...(scenario.guarded ? [requireUser] : []),
      ...declared,
      ...(scenario.validated ? [requireNote] : []),
      (ctx) => handle(scenario, clients[0] as Vero, ctx),
    ];
    router.register('/route', ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'], route);

    const app = new Koa();
    app.silent = true;
    app.use(answerError).use(readInput).use(readUser);
    for (const { requestScope } of trackings) app.use(requestScope());
    app.use(router.routes());
    return await listening(createServer(app.callback()));
  },
};

async function handle(scenario: Scenario, vero: Vero, ctx: Context): Promise<void> {
  let status = 200;
  const result = await scenario.handle({
    vero,
    input: ctx.state.input,
    status: (code) => {
      status = code;
    },
    left: once(ctx.res, 'close'),
    logIn: (user) => {
      ctx.state.user = user;
    },
    user: ctx.state.user,
  });
  ctx.state.result = result;
  ctx.status = status;
  if (result instanceof Streamed) ctx.body = Readable.from(result.chunks);
  else if (isBodiless(status)) ctx.body = null;
  else {
    ctx.type = 'json';
    ctx.body = JSON.stringify(result ?? null);
  }
}
// #endregion
