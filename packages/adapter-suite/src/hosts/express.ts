import { once } from 'node:events';
import { createServer } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { type ExpressContext, expressTracking } from '@verotrack/express';
import type express from 'express';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { type Facts, type Host, Refusal, type Scenario, Streamed, type User, userOf } from '../scenario.ts';
import { listening } from './listening.ts';
import { adapterOptions, applied, declarationOptions, httpRequest, isBodiless } from './neutral.ts';

declare global {
  namespace Express {
    interface Request {
      user?: User | undefined;
    }
  }
}

export const readUser: RequestHandler = (req, _res, next) => {
  const { 'x-user': id } = req.headers;
  if (typeof id === 'string') req.user = userOf(id);
  next();
};

export const requireUser: RequestHandler = (req, _res, next) => {
  if (!req.user) throw new Refusal(401);
  next();
};

const requireNote: RequestHandler = (req, _res, next) => {
  if (typeof req.body?.note !== 'string') throw new Refusal(400);
  next();
};

export const answerError: ErrorRequestHandler = (error: Error, _req, res, next) => {
  if (res.headersSent) return next(error);
  res.status(error instanceof Refusal ? error.status : 500).json({ error: error.message });
};

export const factsOf = ({ req, res }: ExpressContext): Facts => ({
  user: req.user,
  input: req.body ?? {},
  result: res.locals.result,
});

export function expressHost(name: string, framework: typeof express): Host {
  return {
    name,
    kind: 'http',
    seesResponse: true,
    seesErrors: false,
    request: httpRequest,
    resultOf: (body) => JSON.parse(body),
    start: async (scenario, clients) => {
      const app = framework();
      app.use(framework.json(), readUser);
      const trackings = clients.map((vero) =>
        expressTracking(
          vero,
          adapterOptions(scenario.options, ({ req }: ExpressContext) => req.user),
        ),
      );
      for (const { requestScope } of trackings) app.use(requestScope());
      const declared = trackings.flatMap(({ trackEvent }) =>
        applied(scenario, (each) => trackEvent(each.name, declarationOptions(each, factsOf))),
      );
      const [vero] = clients;
      if (!vero) throw new Error('no client');
      app.all(
        '/route',
        ...(scenario.guarded ? [requireUser] : []),
        ...declared,
        ...(scenario.validated ? [requireNote] : []),
        (req, res, next) => handle(scenario, vero, req, res, next),
      );
      app.use(answerError);
      return await listening(createServer(app));
    },
  };
}

function handle(
  scenario: Scenario,
  vero: Parameters<Host['start']>[1][number],
  req: Request,
  res: Response,
  next: (error: unknown) => void,
): void {
  let status = 200;
  const answer = (result: unknown): void => {
    res.locals.result = result;
    res.status(status);
    if (result instanceof Streamed) pipeline(Readable.from(result.chunks), res, () => {});
    else if (isBodiless(status)) res.end();
    else if (status >= 300 && status < 400) res.redirect(status, '/elsewhere');
    else res.json(result ?? null);
  };
  const result = scenario.handle({
    vero,
    input: req.body ?? {},
    status: (code) => {
      status = code;
    },
    left: once(res, 'close'),
    logIn: (user) => {
      req.user = user;
    },
    user: req.user,
  });
  // Express 4 doesn't look after promises.
  if (result instanceof Promise) result.then(answer).catch(next);
  else answer(result);
}
