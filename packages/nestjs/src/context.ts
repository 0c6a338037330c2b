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
  /** The method, in upper case. */
  readonly method: string;
  /** The path, with the query. */
  readonly url: string;
  /** The headers, by name in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** As it came: no pipe has seen it. */
  readonly body?: unknown;
  /** The parameters of the route, as they came. */
  readonly params?: unknown;
  /** The query, as the platform parsed it. */
  readonly query?: unknown;
}

/** What the module's callbacks get. */
export interface NestRequestContext<Request = TrackedRequest> {
  /** There once the guards have let the request pass. */
  readonly context: ExecutionContext | undefined;
  /** The platform's request: Express's `Request`, Fastify's `FastifyRequest`. */
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
