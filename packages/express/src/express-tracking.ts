import type { IncomingMessage, ServerResponse } from 'node:http';
import type {
  EventCatalogue,
  EventInput,
  IdentityDefinition,
  IdentityInput,
  OpenCatalogue,
  OpenIdentity,
  Vero,
} from '@verotrack/core';
import {
  aString,
  type Choose,
  type ChooseEvents,
  type Chosen,
  type Declaration,
  type DeclarationArguments,
  declareEvent,
  declareEvents,
  HTTP_CHOICE_RULES,
  HTTP_DECLARATION_RULES,
  type HttpConditions,
  type HttpDeclarationOptions,
  type MaybePromise,
  RequestTracking,
  type TrackingOptions,
} from '@verotrack/core/adapter';
import type { Request, Response } from 'express';

/** What every callback gets. */
export interface ExpressContext {
  /** The request, with the `params` and `baseUrl` of the route that the middleware stands on. */
  readonly req: Request;
  /** Its response. */
  readonly res: Response;
}

/**
 * A middleware for `app.use` and for routes. It says nothing of Express's types, so that the handlers beside it keep
 * what they know of their route, and whoever exports one can have declarations.
 */
export type TrackingMiddleware = (
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** The same for errors. */
export type ErrorTrackingMiddleware = (
  error: unknown,
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** The options of {@link expressTracking}. */
export type ExpressTrackingOptions<User extends IdentityDefinition = OpenIdentity> = TrackingOptions<
  ExpressContext,
  IdentityInput<User>
>;
/** The options of `trackEvent`, where there is no catalogue. */
export type TrackEventOptions<User extends IdentityDefinition = OpenIdentity> = HttpDeclarationOptions<
  ExpressContext,
  IdentityInput<User>
> &
  RouteLabel;
/** The options of `trackEvents`; those of `trackEvent` beside its `data`. */
export type TrackEventsOptions<User extends IdentityDefinition = OpenIdentity> = HttpConditions<
  ExpressContext,
  IdentityInput<User>
> &
  RouteLabel;

/** What a route is called, which Express does not tell. */
export interface RouteLabel {
  /**
   * What the route is called in the tracking plan and in what is told of its events: `POST /cart/items`. A middleware
   * does not know the path that it stands on before a request comes.
   * @default in the plan the file of the declaration, and otherwise the request's method and path
   */
  readonly route?: string | undefined;
}

/** What {@link expressTracking} gives: `Events` and `User` are what its client knows. */
export interface ExpressTracking<
  Events extends EventCatalogue = OpenCatalogue,
  User extends IdentityDefinition = OpenIdentity,
> {
  /**
   * Emits the event when the request succeeded: the response was sent whole, with a status from 200 to 399.
   *
   * @example
   * app.post('/cart/items', requireUser, trackEvent('add_to_cart', { data: ({ req }) => ({ item_name: req.body.name }) }), addItem);
   * @throws {VeroError} `VERO_CONFIG`, when the application starts, for a bad name or option
   */
  trackEvent<
    Name extends keyof Events['definitions'] & string,
    Returned extends MaybePromise<EventInput<Events, Name>>,
  >(
    name: Name,
    ...options: DeclarationArguments<Events, Name, ExpressContext, TrackEventsOptions<User>, Returned>
  ): TrackingMiddleware;
  /**
   * Emits none, one or several of `names` when the request succeeded: those that `choose` gives at the end.
   *
   * @throws {VeroError} `VERO_CONFIG`, when the application starts, for a bad name or option
   */
  trackEvents<
    const Names extends readonly (keyof Events['definitions'] & string)[],
    Returned extends MaybePromise<Chosen<Names[number], Events>>,
  >(
    names: Names,
    choose: ChooseEvents<ExpressContext, Names[number], Events, Returned>,
    options?: TrackEventsOptions<User>,
  ): TrackingMiddleware;
  /**
   * Passes errors on, and makes their requests failures, whatever an error handler answers. Put it before error handlers
   * that answer with a redirect or another status below 400: without it, such an answer is a success. It knows the
   * routes of this `expressTracking`.
   */
  trackErrors(): ErrorTrackingMiddleware;
  /** Lets `track`, `trackOnSuccess` and `identity` in services know the request and its user. Put it after the session. */
  requestScope(): TrackingMiddleware;
}

/**
 * Event tracking for an Express application.
 *
 * @throws {VeroError} `VERO_CONFIG` for a bad client or option
 */
export function expressTracking<
  Events extends EventCatalogue = OpenCatalogue,
  User extends IdentityDefinition = OpenIdentity,
>(vero: Vero<Events, User>, options: ExpressTrackingOptions<User> = {}): ExpressTracking<Events, User> {
  const tracking = new RequestTracking('expressTracking', vero, options as ExpressTrackingOptions);
  const declared = (
    where: string,
    declaration: Declaration<ExpressContext>,
    declaring: (...args: never[]) => unknown,
  ): TrackingMiddleware => {
    tracking.assertInCatalogue(where, declaration);
    tracking.remember(declaration, { framework: 'express', route: declaration.route }, declaring);
    return middleware(tracking, declaration);
  };
  const trackEvent = (name: string, options?: TrackEventOptions): TrackingMiddleware =>
    declared('trackEvent', declareEvent('trackEvent', name, options, EVENT_RULES), trackEvent);
  const trackEvents = (
    names: readonly string[],
    choose: Choose<ExpressContext>,
    options?: TrackEventsOptions,
  ): TrackingMiddleware =>
    declared('trackEvents', declareEvents('trackEvents', names, choose, options, CHOICE_RULES), trackEvents);
  return {
    requestScope: () => middleware(tracking),
    trackErrors: () => (error, _req, res, next) => {
      tracking.find(res)?.handlerEnded('failed');
      next(error);
    },
    trackEvent: trackEvent as ExpressTracking<Events, User>['trackEvent'],
    trackEvents: trackEvents as ExpressTracking<Events, User>['trackEvents'],
  };
}

const EVENT_RULES = { ...HTTP_DECLARATION_RULES, route: aString };
const CHOICE_RULES = { ...HTTP_CHOICE_RULES, route: aString };

function middleware(
  tracking: RequestTracking<ExpressContext>,
  declaration?: Declaration<ExpressContext>,
): TrackingMiddleware {
  return (request, response, next) => {
    const [req, res] = [request as Request, response as Response];
    const context = keepContext(req, res);
    const route = routeOf(req);
    const work = tracking.open(req, res, context, route);
    if (!work) return next();
    work.run(() => {
      if (declaration) work.declare({ declaration, context, route: declaration.route ?? route });
      next();
    });
  };
}

/**
 * Once an error handler ran, `params` and `baseUrl` are empty, and in a router they are others': callbacks see those
 * of the route, and the request itself stays as it is.
 */
function keepContext(req: Request, res: Response): () => ExpressContext {
  const { params, baseUrl } = req;
  const kept = { params: { value: params }, baseUrl: { value: baseUrl } };
  return () => {
    const isUnchanged = req.params === params && req.baseUrl === baseUrl;
    return { req: isUnchanged ? req : (Object.create(req, kept) as Request), res };
  };
}

function routeOf(req: Request): string {
  // `req.route` is only there inside a route; its path may also be a pattern or a list.
  const path: unknown = (req.route as { path?: unknown } | undefined)?.path;
  return `${req.method} ${req.baseUrl}${path === undefined ? req.path : String(path)}`;
}
