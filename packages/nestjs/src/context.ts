import type { IncomingHttpHeaders } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';
import type { Observable } from 'rxjs';

/**
 * A request of either platform. Add what your guards put on it:
 *
 * @example
 * declare module '@verotrack/nestjs' { interface TrackedRequest { user?: User } }
 */
export interface TrackedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** As it came: no pipe has seen it. */
  readonly body?: unknown;
  readonly params?: unknown;
  readonly query?: unknown;
}

/** What the module's callbacks get. */
export interface NestRequestContext<Request = TrackedRequest> {
  /** There once the guards have let the request pass. */
  readonly context: ExecutionContext | undefined;
  readonly request: Request;
  /** The platform's response: Express's `Response`, Fastify's `FastifyReply`. */
  readonly response: unknown;
}

/** What a handler gives, where `Result` is its type (`Cart['add']`); or else `Result` itself. */
export type ResultOf<Result> = Result extends (...args: never[]) => infer Returned
  ? Returned extends Observable<infer Value>
    ? Value
    : Awaited<Returned>
  : Result;

/** What the callbacks of `@TrackEvent` get. */
export interface NestContext<Result = unknown, Request = TrackedRequest> extends NestRequestContext<Request> {
  readonly context: ExecutionContext;
  /** What the handler gave; meaningless where it writes the response itself. */
  readonly result: ResultOf<Result>;
}
