import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import {
  Attachment,
  type Declaration,
  type HttpRequest,
  type HttpResponse,
  type RequestTracking,
  type RequestWork,
  rawMessage,
} from '@verotrack/core/adapter';
import { Observable } from 'rxjs';
import type { NestContext, NestRequestContext, TrackedRequest } from './context.ts';
import { declarationsOf, isSkipped } from './decorators.ts';

interface Seen {
  context: ExecutionContext | undefined;
  result: unknown;
}

/** Opens the scopes of requests, whichever platform they come from. */
export class NestRequests {
  readonly #tracking: RequestTracking<NestRequestContext>;
  readonly #seen = new Attachment<Seen>('seen');

  constructor(tracking: RequestTracking<NestRequestContext>) {
    this.#tracking = tracking;
  }

  /** `request` and `response` are the platform's own. */
  open(
    request: object,
    response: object,
    context?: ExecutionContext,
  ): RequestWork<NestRequestContext> | undefined {
    const rawResponse = rawMessage<HttpResponse>(response);
    const seen = this.seen(rawResponse);
    seen.context ??= context;
    const known = this.#tracking.find(rawResponse);
    if (known) {
      // Guards have run since, and put the user on the request.
      known.keepIdentity();
      return known;
    }
    const rawRequest = rawMessage<HttpRequest>(request);
    const { method } = rawRequest;
    // Express cuts `url` down to what its mounted middleware is to see.
    const { originalUrl: url = rawRequest.url } = request as { readonly originalUrl?: string };
    const given = (): NestRequestContext => ({
      context: seen.context,
      request: request as TrackedRequest,
      response,
    });
    // The query may hold what is nobody's business.
    return this.#tracking.open(rawRequest, rawResponse, given, `${method} ${url?.split('?')[0]}`);
  }

  /** @throws {VeroError} `VERO_CONFIG` for an event that is not in the client's catalogue */
  assertInCatalogue(where: string, declaration: Declaration<NestContext>): void {
    this.#tracking.assertInCatalogue(where, declaration as never);
  }

  seen(response: object): Seen {
    const raw = rawMessage(response);
    const known = this.#seen.get(raw);
    if (known) return known;
    const seen = { context: undefined, result: undefined };
    this.#seen.set(raw, seen);
    return seen;
  }
}

/** Declares what a handler's `@TrackEvent` says, and tells how the handler ended. */
export class TrackingInterceptor implements NestInterceptor {
  readonly #requests: NestRequests;

  constructor(requests: NestRequests) {
    this.#requests = requests;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    // GraphQL, RPC and WebSockets have neither request nor response here.
    if (context.getType() !== 'http') return next.handle();
    const http = context.switchToHttp();
    const request = http.getRequest<object>();
    const response = http.getResponse<object>();
    const work = this.#requests.open(request, response, context);
    if (!work) return next.handle();
    const seen = this.#requests.seen(response);
    const handler = context.getHandler();
    if (!isSkipped(handler, context.getClass())) {
      const route = `${context.getClass().name}.${handler.name}`;
      const given = (): NestContext => ({
        context,
        request: request as TrackedRequest,
        response,
        result: seen.result,
      });
      for (const declaration of declarationsOf(handler)) {
        work.declare({ declaration: declaration as never, context: given, route });
      }
    }
    // Subscribed inside the scope: Fastify lost it while it read the body. An interceptor around this one may subscribe
    // again, to retry.
    return new Observable((subscriber) => {
      let isOver = false;
      const end = (how: 'ok' | 'failed'): void => {
        if (!isOver) work.handlerEnded(how);
        isOver = true;
      };
      work.handlerStarted();
      const handling = work.run(() =>
        next.handle().subscribe({
          next: (result) => {
            seen.result = result;
            subscriber.next(result);
          },
          error: (thrown: unknown) => {
            end('failed');
            subscriber.error(thrown);
          },
          complete: () => {
            end('ok');
            subscriber.complete();
          },
        }),
      );
      return () => {
        handling.unsubscribe();
        // An interceptor around this one that takes the first value never lets `complete` through.
        end('ok');
      };
    });
  }
}
