import type {
  EventCatalogue,
  EventInput,
  Identity,
  IdentityDefinition,
  IdentityInput,
  NoData,
  OpenCatalogue,
  OpenIdentity,
} from '@verotrack/core';
import type { AnyData, DeclarationConditions, MaybePromise } from '@verotrack/core/adapter';

/** What every callback gets. */
export interface CallContext<Context, Input = unknown, Result = unknown> {
  /** The innermost context that the call came to. */
  readonly ctx: Context;
  /** The validated input, where the middleware stands after `.input()`. */
  readonly input: Input;
  /** The input as the client sent it. */
  readonly rawInput: () => Promise<unknown>;
  /** What the procedure gave. */
  readonly result: Result;
  /** The path of the procedure: `cart.add`. */
  readonly path: string;
  /** The kind of the procedure. */
  readonly type: 'query' | 'mutation' | 'subscription';
}

/** When a declared event is true, and whose it is. */
export interface CallConditions<Context, Input = unknown, Result = unknown, User = Identity>
  extends DeclarationConditions<CallContext<Context, Input, Result>, User> {
  /**
   * What must have happened. `response`: the call succeeded and, where the adapter knows the `response`, it was sent
   * whole. `handled`: the call succeeded, even if its client had left. `start` and `done` are for subscriptions and generators: their first moment,
   * or their end without an error.
   * @default 'response', and 'done' for subscriptions and generators
   */
  readonly on?: 'response' | 'handled' | 'start' | 'done' | undefined;
  /**
   * Replaces the rule that the status of the call's `response` must be from 200 to 399. Asked only of a call that
   * succeeded.
   * @default the status rule, where the response is known
   */
  readonly success?:
    | ((context: CallContext<Context, Input, Result>) => boolean | Promise<boolean>)
    | undefined;
}

/** When a declared event is true, and what it says. */
export interface TrackCallOptions<Context, Input = unknown, Result = unknown, User = Identity>
  extends CallConditions<Context, Input, Result, User>,
    AnyData<CallContext<Context, Input, Result>> {}

/** What a procedure's meta may say to `trackFromMeta`. */
export interface TrackMeta<
  Context = unknown,
  Events extends EventCatalogue = OpenCatalogue,
  User extends IdentityDefinition = OpenIdentity,
> {
  /** The event's name, where it needs no data; or its name and more. */
  readonly track?: NameAlone<Events> | EventInMeta<Context, Events, User>;
}

/** The names of events that need no data. */
type NameAlone<Events extends EventCatalogue> = {
  [Name in keyof Events['definitions'] & string]: undefined extends EventInput<Events, Name> ? Name : never;
}[keyof Events['definitions'] & string];

type EventInMeta<Context, Events extends EventCatalogue, User extends IdentityDefinition> = {
  [Name in keyof Events['definitions'] & string]: { readonly event: Name } & DataInMeta<
    CallContext<Context>,
    EventInput<Events, Name>
  >;
}[keyof Events['definitions'] & string] &
  CallConditions<Context, unknown, unknown, IdentityInput<User>>;

type DataInMeta<C, Data> = [Data] extends [NoData<string> | undefined]
  ? { readonly data?: Data }
  : undefined extends Data
    ? { readonly data?: Data | ((context: C) => MaybePromise<Data>) }
    : { readonly data: Data | ((context: C) => MaybePromise<Data>) };

/** The part of tRPC's middleware result that matters here. */
export interface CallResult {
  /** Whether the procedure ended without an error. */
  readonly ok: boolean;
}

/** tRPC gives an optional member of a context as one that may be `undefined`. */
type Given<Context> = {
  readonly [Key in keyof Context]: Partial<Pick<Context, Key>> extends Pick<Context, Key>
    ? Context[Key] | undefined
    : Context[Key];
};

/** The part of tRPC's middleware options that matters here. */
export interface CallOptions<Context, Input, Result extends CallResult> {
  /** The context. */
  readonly ctx: Given<Context>;
  /** The input, validated where the middleware stands after `.input()`. */
  readonly input: Input;
  /** The path of the procedure: `cart.add`. */
  readonly path: string;
  /** The kind of the procedure. */
  readonly type: 'query' | 'mutation' | 'subscription';
  /** Gives the input as the client sent it. */
  readonly getRawInput: () => Promise<unknown>;
  /** Aborts when the client leaves, where the adapter of tRPC tells. */
  readonly signal: AbortSignal | undefined;
  /** Goes on with the next middleware, or the procedure. */
  readonly next: () => Promise<Result>;
}

/** A middleware that fits `.use()` of every tRPC 11, and keeps what the procedure knows of its context. */
export type CallMiddleware<Context, Input = unknown> = <Result extends CallResult>(
  options: CallOptions<Context, Input, Result>,
) => Promise<Result>;
