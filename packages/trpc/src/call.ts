import type { DeclarationOptions } from '@verotrack/core/adapter';

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
  readonly path: string;
  readonly type: 'query' | 'mutation' | 'subscription';
}

/** When a declared event is true, and what it says. */
export interface TrackCallOptions<Context, Input = unknown, Result = unknown>
  extends DeclarationOptions<CallContext<Context, Input, Result>> {
  /**
   * What must have happened. `response`: the call succeeded and, where the adapter knows the `response`, it was sent
   * whole. `handled`: the call succeeded. `start` and `done` are for subscriptions and generators: their first moment,
   * or their end without an error.
   * @default 'response', and 'done' for subscriptions and generators
   */
  readonly on?: 'response' | 'handled' | 'start' | 'done';
}

/** What a procedure's meta may say to `trackFromMeta`. */
export interface TrackMeta<Context = unknown> {
  /** The event's name, or its name and more. */
  readonly track?: string | ({ readonly event: string } & TrackCallOptions<Context>);
}

/** The part of tRPC's middleware result that matters here. */
export interface CallResult {
  readonly ok: boolean;
}

/** The part of tRPC's middleware options that matters here. */
export interface CallOptions<Context, Input, Result extends CallResult> {
  readonly ctx: Context;
  readonly input: Input;
  readonly path: string;
  readonly type: 'query' | 'mutation' | 'subscription';
  readonly getRawInput: () => Promise<unknown>;
  readonly signal: AbortSignal | undefined;
  readonly next: () => Promise<Result>;
}

/** A middleware that fits `.use()` of every tRPC 11, and keeps what the procedure knows of its context. */
export type CallMiddleware<Context, Input = unknown> = <Result extends CallResult>(
  options: CallOptions<Context, Input, Result>,
) => Promise<Result>;
