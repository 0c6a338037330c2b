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
  Attachment,
  aFunction,
  CALL_DECLARATION_RULES,
  checkOptions,
  type Declaration,
  type DeclarationArguments,
  type DeclaredEvent,
  declareEvent,
  describeDeclaration,
  type MaybePromise,
  Tracking,
  type TrackingOptions,
} from '@verotrack/core/adapter';
import type {
  CallConditions,
  CallContext,
  CallMiddleware,
  CallOptions,
  CallResult,
  TrackCallOptions,
  TrackMeta,
} from './call.ts';
import { CallWork, type ResponseOf } from './call-work.ts';

/** The options of {@link trpcTracking}. */
export interface TrpcTrackingOptions<Context, User extends IdentityDefinition = OpenIdentity>
  extends TrackingOptions<CallContext<Context>, IdentityInput<User>> {
  /**
   * The call's HTTP response, Node's or one that wraps it (Fastify's), where there is one: an event is then true only if
   * it was sent whole, with a status from 200 to 399. Without it, the call's own result decides.
   * @default none
   */
  readonly response?: ResponseOf<Context> | undefined;
}

/**
 * Emits the event when the call succeeded. Stands after `.input()`, whose result it then sees, and before `.output()`, whose
 * refusal it then sees. `Result` is what the procedure gives.
 *
 * @example
 * protectedProcedure.input(Item).use(trackEvent('add_to_cart', { data: ({ input }) => ({ item_name: input.name }) }))
 * @throws {VeroError} `VERO_CONFIG`, when the application starts, for a bad name or option
 */
export type TrackCall<Context, Result, Events extends EventCatalogue, User extends IdentityDefinition> = <
  Name extends keyof Events['definitions'] & string,
  Returned extends MaybePromise<EventInput<Events, Name>>,
  Input = unknown,
>(
  name: Name,
  ...options: DeclarationArguments<
    Events,
    Name,
    CallContext<Context, Input, Result>,
    CallConditions<Context, Input, Result, IdentityInput<User>>,
    Returned
  >
) => CallMiddleware<Context, Input>;

/** {@link TrackCall}, and the same with a typed result. */
export interface TrackEvent<
  Context,
  Events extends EventCatalogue = OpenCatalogue,
  User extends IdentityDefinition = OpenIdentity,
> extends TrackCall<Context, unknown, Events, User> {
  /** With a typed result: `trackEvent.of<Order>()('purchased', { data: ({ result }) => … })`. */
  of<Result>(): TrackCall<Context, Result, Events, User>;
}

/** What {@link trpcTracking} gives: `Events` and `User` are what its client knows. */
export interface TrpcTracking<
  Context,
  Events extends EventCatalogue = OpenCatalogue,
  User extends IdentityDefinition = OpenIdentity,
> {
  /** Declares an event on a procedure; see {@link TrackCall}. */
  readonly trackEvent: TrackEvent<Context, Events, User>;
  /** Emits what a procedure's meta says. For the base procedure, where the input is not validated: use `rawInput()`. */
  trackFromMeta(): CallMiddleware<Context>;
  /** Lets `track`, `trackOnSuccess` and `identity` in services know the call and its user. */
  requestScope(): CallMiddleware<Context>;
}

type AnyDeclaration<Context> = Declaration<CallContext<Context>>;

/**
 * Event tracking for tRPC procedures.
 *
 * @example
 * trpcTracking<Context, typeof events>(vero, { identify: ({ ctx }) => pickIdentity(ctx.user, ['id', 'email']) })
 * @throws {VeroError} `VERO_CONFIG` for a bad client or option
 */
export function trpcTracking<
  Context,
  Events extends EventCatalogue = OpenCatalogue,
  User extends IdentityDefinition = OpenIdentity,
>(
  vero: Vero<Events, User>,
  options: TrpcTrackingOptions<Context, User> = {},
): TrpcTracking<Context, Events, User> {
  // Nothing is inherited: what somebody put on `Object.prototype` is no option.
  const { response, ...common } = { __proto__: null, ...(options as TrpcTrackingOptions<Context>) };
  checkOptions('trpcTracking', { response }, { response: aFunction });
  const tracking = new Tracking('trpcTracking', vero, common);
  const calls = new Attachment<CallWork<Context>>('call');
  // One for all, so that it may be applied twice.
  const fromMeta = metaDeclarations(tracking);

  const middleware =
    (
      declarationOf?: (
        call: CallOptions<Context, unknown, CallResult>,
      ) => AnyDeclaration<Context> | undefined,
    ) =>
    async <Result extends CallResult>(call: CallOptions<Context, unknown, Result>): Promise<Result> => {
      // The one object that is the same in every middleware of one call, and another in every call of a batch.
      const key = call.getRawInput;
      const known = calls.get(key);
      const work = known ?? CallWork.open(tracking, call, response);
      if (!work) return call.next();
      if (!known) calls.set(key, work);
      const proceed = (): Promise<Result> => {
        work.enter(call, declarationOf);
        return call.next();
      };
      return known ? proceed() : work.run(proceed);
    };

  const trackEvent = <Input>(
    name: string,
    eventOptions?: TrackCallOptions<Context, Input, never>,
  ): CallMiddleware<Context, Input> => {
    const declaration = declareEvent(
      'trackEvent',
      name,
      eventOptions as TrackCallOptions<Context>,
      CALL_DECLARATION_RULES,
    );
    tracking.assertInCatalogue('trackEvent', declaration);
    const declared = tracking.remember(declaration, { framework: 'trpc' }, trackEvent);
    return marked(middleware(() => declaration) as CallMiddleware<Context, Input>, DECLARED, declared);
  };

  return {
    trackEvent: Object.assign(trackEvent, { of: () => trackEvent }) as TrackEvent<Context, Events, User>,
    trackFromMeta: () => marked(middleware(fromMeta), FROM_META, describeMeta(tracking)),
    requestScope: () => middleware(),
  };
}

/** The declaration that a procedure's meta makes, the same object for each of its calls. */
function metaDeclarations<Context>(
  tracking: Tracking<CallContext<Context>>,
): (call: object) => AnyDeclaration<Context> | undefined {
  const made = new WeakMap<object, AnyDeclaration<Context>>();
  return (call) => {
    const { meta } = call as { readonly meta?: TrackMeta<Context> };
    if (meta?.track === undefined) return undefined;
    const known = made.get(meta);
    if (known) return known;
    const declaration = declarationOf<Context>(meta.track);
    tracking.assertInCatalogue('meta.track', declaration);
    made.set(meta, declaration);
    return declaration;
  };
}

function declarationOf<Context>(track: NonNullable<TrackMeta<Context>['track']>): AnyDeclaration<Context> {
  const { event, ...options } = typeof track === 'string' ? { event: track } : track;
  return declareEvent('meta.track', event, options as TrackCallOptions<Context>, CALL_DECLARATION_RULES);
}

// Marks by which the tracking plan knows what a procedure's middlewares emit.
const DECLARED = Symbol.for('verotrack.trpc.declared');
const FROM_META = Symbol.for('verotrack.trpc.from-meta');

function marked<Middleware extends object>(middleware: Middleware, mark: symbol, value: unknown): Middleware {
  return Object.defineProperty(middleware, mark, { value });
}

/** What `trackFromMeta` would emit for a procedure with this `meta.track`. @throws {VeroError} `VERO_CONFIG` if it is wrong */
function describeMeta<Context>(tracking: Tracking<CallContext<Context>>) {
  return (track: NonNullable<TrackMeta<Context>['track']>): DeclaredEvent =>
    describeDeclaration(
      declarationOf<Context>(track),
      { framework: 'trpc' },
      tracking.identify !== undefined,
    );
}
