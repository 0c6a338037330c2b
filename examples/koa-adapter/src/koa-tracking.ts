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
  type Declaration,
  type DeclarationArguments,
  declareEvent,
  type HttpConditions,
  type HttpDeclarationOptions,
  type MaybePromise,
  RequestTracking,
  type TrackingOptions,
} from '@verotrack/core/adapter';
import type { Context, Middleware } from 'koa';

// #region context
/** What every callback gets. */
export interface KoaContext {
  readonly ctx: Context;
}
// #endregion

/** A middleware for `app.use` and for routes. */
export type TrackingMiddleware = Middleware;

// #region types
export type KoaTrackingOptions<User extends IdentityDefinition = OpenIdentity> = TrackingOptions<
  KoaContext,
  IdentityInput<User>
>;
export type TrackEventOptions<User extends IdentityDefinition = OpenIdentity> = HttpDeclarationOptions<
  KoaContext,
  IdentityInput<User>
>;

/** What {@link koaTracking} gives: `Events` and `User` are what its client knows. */
export interface KoaTracking<
  Events extends EventCatalogue = OpenCatalogue,
  User extends IdentityDefinition = OpenIdentity,
> {
  /**
   * Emits the event when the request succeeded: no error, and the response was sent whole, with a status from 200 to 399.
   *
   * @throws {VeroError} `VERO_CONFIG`, when the application starts, for a bad name or option
   */
  trackEvent<
    Name extends keyof Events['definitions'] & string,
    Returned extends MaybePromise<EventInput<Events, Name>>,
  >(
    name: Name,
    ...options: DeclarationArguments<
      Events,
      Name,
      KoaContext,
      HttpConditions<KoaContext, IdentityInput<User>>,
      Returned
    >
  ): TrackingMiddleware;
  /** Lets `track`, `trackOnSuccess` and `identity` in services know the request and its user. Put it after the session. */
  requestScope(): TrackingMiddleware;
}
// #endregion

// #region factory
/**
 * Event tracking for a Koa application.
 *
 * @throws {VeroError} `VERO_CONFIG` for a bad client or option
 */
export function koaTracking<
  Events extends EventCatalogue = OpenCatalogue,
  User extends IdentityDefinition = OpenIdentity,
>(vero: Vero<Events, User>, options: KoaTrackingOptions<User> = {}): KoaTracking<Events, User> {
  const tracking = new RequestTracking('koaTracking', vero, options as KoaTrackingOptions);
  const trackEvent = (name: string, options?: TrackEventOptions): TrackingMiddleware => {
    const declaration = declareEvent('trackEvent', name, options);
    tracking.assertInCatalogue('trackEvent', declaration);
    tracking.remember(declaration, { framework: 'koa' }, trackEvent);
    return middleware(tracking, declaration);
  };
  return {
    requestScope: () => middleware(tracking),
    trackEvent: trackEvent as KoaTracking<Events, User>['trackEvent'],
  };
}
// #endregion

// #region middleware
function middleware(
  tracking: RequestTracking<KoaContext>,
  declaration?: Declaration<KoaContext>,
): TrackingMiddleware {
  return async (ctx, next) => {
    const context = (): KoaContext => ({ ctx });
    const route = routeOf(ctx);
    const work = tracking.open(ctx.req, ctx.res, context, route);
    if (!work) return next();
    work.handlerStarted();
    try {
      await work.run(() => {
        if (declaration) work.declare({ declaration, context, route });
        return next();
      });
    } catch (error) {
      work.handlerEnded('failed');
      throw error;
    }
    work.handlerEnded('ok');
  };
}
// #endregion

/** As @koa/router knows it; another router's application has the path. */
function routeOf(ctx: Context): string {
  const { _matchedRoute: pattern } = ctx as { readonly _matchedRoute?: unknown };
  return `${ctx.method} ${pattern === undefined ? ctx.path : String(pattern)}`;
}
