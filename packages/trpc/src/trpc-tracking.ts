import type { Vero } from '@verotrack/core';
import {
  aFunction,
  CALL_DECLARATION_RULES,
  checkOptions,
  type Declaration,
  declareEvent,
  Tracking,
  type TrackingOptions,
} from '@verotrack/core/adapter';
import type {
  CallContext,
  CallMiddleware,
  CallOptions,
  CallResult,
  TrackCallOptions,
  TrackMeta,
} from './call.ts';
import { CallWork, type ResponseOf } from './call-work.ts';

export interface TrpcTrackingOptions<Context> extends TrackingOptions<CallContext<Context>> {
  /**
   * The call's HTTP response, Node's or one that wraps it (Fastify's), where there is one: an event is then true only if
   * it was sent whole, with a status from 200 to 399. Without it, the call's own result decides.
   * @default none
   */
  readonly response?: ResponseOf<Context> | undefined;
}

export interface TrackEvent<Context> {
  /**
   * Emits the event when the call succeeded. Stands after `.input()`, whose result it then sees, and before
   * `.output()`, whose refusal it then sees.
   *
   * @example
   * protectedProcedure.input(Item).use(trackEvent('add_to_cart', { data: ({ input }) => ({ item_name: input.name }) }))
   * @throws {VeroError} `VERO_CONFIG`, when the application starts, for a bad name or option
   */
  <Input = unknown>(name: string, options?: TrackCallOptions<Context, Input>): CallMiddleware<Context, Input>;
  /** The same with a typed result: `trackEvent.of<Order>()('purchased', { data: ({ result }) => … })`. */
  of<Result>(): <Input = unknown>(
    name: string,
    options?: TrackCallOptions<Context, Input, Result>,
  ) => CallMiddleware<Context, Input>;
}

export interface TrpcTracking<Context> {
  readonly trackEvent: TrackEvent<Context>;
  /** Emits what a procedure's meta says. For the base procedure, where the input is not validated: use `rawInput()`. */
  trackFromMeta(): CallMiddleware<Context>;
  /** Lets `track`, `trackOnSuccess` and `identity` in services know the call and its user. */
  requestScope(): CallMiddleware<Context>;
}

type AnyDeclaration<Context> = Declaration<CallContext<Context>>;

/**
 * Event tracking for tRPC procedures.
 *
 * @throws {VeroError} `VERO_CONFIG` for a bad client or option
 */
export function trpcTracking<Context>(
  vero: Vero,
  options: TrpcTrackingOptions<Context> = {},
): TrpcTracking<Context> {
  const { response, ...common } = options;
  checkOptions('trpcTracking', { response }, { response: aFunction });
  const tracking = new Tracking('trpcTracking', vero, common);
  const calls = new WeakMap<object, CallWork<Context>>();
  // One for all, so that it may be applied twice.
  const fromMeta = metaDeclarations<Context>();

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
      calls.set(key, work);
      work.enter(call, declarationOf);
      return known ? call.next() : work.run(call.next);
    };

  const trackEvent = <Input>(name: string, eventOptions?: TrackCallOptions<Context, Input, never>) => {
    const declaration = declareEvent(
      'trackEvent',
      name,
      eventOptions as TrackCallOptions<Context>,
      CALL_DECLARATION_RULES,
    );
    return middleware(() => declaration) as CallMiddleware<Context, Input>;
  };

  return {
    trackEvent: Object.assign(trackEvent, { of: () => trackEvent }) as TrackEvent<Context>,
    trackFromMeta: () => middleware(fromMeta),
    requestScope: () => middleware(),
  };
}

/** The declaration that a procedure's meta makes, the same object for each of its calls. */
function metaDeclarations<Context>(): (call: object) => AnyDeclaration<Context> | undefined {
  const made = new WeakMap<object, AnyDeclaration<Context>>();
  return (call) => {
    const { meta } = call as { readonly meta?: TrackMeta<Context> };
    if (meta?.track === undefined) return undefined;
    const known = made.get(meta);
    if (known) return known;
    const { event, ...options } = typeof meta.track === 'string' ? { event: meta.track } : meta.track;
    const declaration = declareEvent<CallContext<Context>>(
      'meta.track',
      event,
      options,
      CALL_DECLARATION_RULES,
    );
    made.set(meta, declaration);
    return declaration;
  };
}
