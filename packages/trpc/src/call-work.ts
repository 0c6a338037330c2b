import {
  ABORTED,
  containRejection,
  type Declaration,
  FAILED,
  type HttpResponse,
  onResponseSettled,
  rawMessage,
  SUCCEEDED,
  type Tracking,
  Work,
} from '@verotrack/core/adapter';
import type { CallContext, CallOptions, CallResult } from './call.ts';
import { isAsyncIterable, isObservable, watchIterable, watchObservable } from './watch-result.ts';

type AnyCall<Context> = CallOptions<Context, unknown, CallResult>;

/** How long the reading of a generator, a stream or an observable may take to begin. */
const UNREAD_MS = 5 * 60_000;

/** Gives a call's response, where there is one. */
export type ResponseOf<Context> = (context: {
  readonly ctx: Context;
}) => HttpResponse | { readonly raw: HttpResponse } | null | undefined;

/** The work of one tRPC call, of which a request may hold many. */
export class CallWork<Context> {
  readonly #tracking: Tracking<CallContext<Context>>;
  readonly #work: Work<CallContext<Context>>;
  readonly #key: object;
  readonly #type: AnyCall<Context>['type'];
  readonly #signal: AbortSignal | undefined;
  readonly #responseOf: ResponseOf<Context> | undefined;
  #ctx: Context;
  #result: unknown;

  /** `undefined` only if opening failed, which is told: the call goes on without tracking. */
  static open<Context>(
    tracking: Tracking<CallContext<Context>>,
    call: AnyCall<Context>,
    responseOf: ResponseOf<Context> | undefined,
  ): CallWork<Context> | undefined {
    try {
      return new CallWork(tracking, call, responseOf);
    } catch (thrown) {
      tracking.client.intake.contained(thrown);
      return undefined;
    }
  }

  private constructor(
    tracking: Tracking<CallContext<Context>>,
    call: AnyCall<Context>,
    responseOf: ResponseOf<Context> | undefined,
  ) {
    this.#tracking = tracking;
    this.#key = call.getRawInput;
    this.#type = call.type;
    this.#signal = call.signal;
    this.#responseOf = responseOf;
    this.#ctx = call.ctx as Context;
    this.#work = new Work(tracking, () => this.#contextOf(call), routeOf(call));
  }

  /** A middleware of the call was reached. */
  enter(
    call: AnyCall<Context>,
    declarationOf: ((call: AnyCall<Context>) => Declaration<CallContext<Context>> | undefined) | undefined,
  ): void {
    if (call.ctx !== this.#ctx) {
      this.#ctx = call.ctx as Context;
      // A later middleware may know the user that an earlier one did not.
      this.#work.keepIdentity();
    }
    try {
      const declaration = declarationOf?.(call);
      if (declaration) this.#work.declare(this.#key, declaration, () => this.#contextOf(call), routeOf(call));
    } catch (thrown) {
      // Meta with a bad name, for example: told, and the call goes on.
      this.#tracking.client.intake.contained(thrown);
    }
  }

  /** Runs the rest of the call in its scope, and decides by its result: `next` doesn't throw when a call fails. */
  async run<Result extends CallResult>(next: () => Promise<Result>): Promise<Result> {
    let result: Result;
    try {
      result = await this.#work.run(next);
    } catch (thrown) {
      this.#work.settle(FAILED);
      throw thrown;
    }
    return this.#conclude(result);
  }

  #conclude<Result extends CallResult>(result: Result): Result {
    const { ok, ctx, data } = result as { ok: boolean; ctx?: Context; data?: unknown };
    if (ctx !== undefined) this.#ctx = ctx;
    if (!ok) {
      this.#work.settle(FAILED);
      return result;
    }
    this.#result = data;
    const watched = this.#watched(data);
    if (watched === undefined) {
      this.#settleWithResponse();
      return result;
    }
    // It has only been made: whether it succeeds is not known before its end.
    this.#work.decide(SUCCEEDED, ({ on }) => on === 'start');
    return { ...result, data: watched };
  }

  /** What tells how it ends, in place of `data` that comes bit by bit. */
  #watched(data: unknown): object | undefined {
    const isStream = isAsyncIterable(data);
    if (!isStream && !(this.#type === 'subscription' && isObservable(data))) return undefined;
    // What nobody ever reads has no end of its own.
    const unread = setTimeout(() => this.#work.settle(ABORTED), UNREAD_MS).unref();
    const watch = {
      started: (): void => clearTimeout(unread),
      run: <T>(step: () => T): T => this.#work.run(step),
      signal: this.#signal,
      ended: (how: 'done' | 'failed' | 'returned'): void => {
        clearTimeout(unread);
        if (how === 'done') this.#settleWithResponse();
        else this.#work.settle(how === 'failed' ? FAILED : ABORTED);
      },
    };
    return isStream ? watchIterable(data, watch) : watchObservable(data, watch);
  }

  /** The call succeeded; its answer may still fail to be written, or to be sent. */
  #settleWithResponse(): void {
    const response = this.#response();
    if (!response) return this.#work.settle(SUCCEEDED);
    onResponseSettled(response.req, response, ({ sent, status }) => {
      this.#work.settle({ failed: false, sent, answered: true, status, isFinal: true });
    });
  }

  #response(): HttpResponse | undefined {
    try {
      const given = this.#responseOf?.({ ctx: this.#ctx });
      if (!given) return undefined;
      // A promise is none, and its rejection would end the process.
      containRejection(given, () => undefined);
      const response = rawMessage<HttpResponse>(given);
      if (typeof response.once === 'function' && response.req) return response;
      throw new TypeError('it gave no response of node:http or node:http2; give nothing where there is none');
    } catch (thrown) {
      this.#tracking.client.intake.callbackFailed({
        callback: 'response',
        thrown,
        route: this.#work.scope.route,
      });
      return undefined;
    }
  }

  #contextOf({ input, path, type, getRawInput }: AnyCall<Context>): CallContext<Context> {
    return { ctx: this.#ctx, input, rawInput: getRawInput, result: this.#result, path, type };
  }
}

function routeOf({ type, path }: { readonly type: string; readonly path: string }): string {
  return `${type} ${path}`;
}
