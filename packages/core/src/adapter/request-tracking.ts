import { Attachment } from './attachment.ts';
import { appliesToMethod, type Declaration } from './declaration.ts';
import type { DeclaredEvent, DeclaredWhere } from './declared-events.ts';
import {
  type HttpRequest,
  type HttpResponse,
  onLateEnd,
  onResponseSettled,
  type SettledResponse,
} from './response-settled.ts';
import { Tracking, type TrackingOptions } from './tracking.ts';
import { Work } from './work.ts';

/** A declaration that a request met. */
export interface DeclaredOnRequest<C> {
  /** The declaration. */
  readonly declaration: Declaration<C>;
  /** Gives what its callbacks get, asked when they are called. */
  readonly context: () => C;
  /** What the route is called in what is told. */
  readonly route: string;
}

/** How long code may go on after its client has left, before its events are given up. */
const LINGER_MS = 5 * 60_000;

/** Tracks HTTP requests for one client. An adapter makes one, and gives it every request. */
export class RequestTracking<C> {
  readonly #tracking: Tracking<C>;
  readonly #requests = new Attachment<RequestWork<C>>('request');

  /**
   * @param where - the adapter's function, for messages
   * @throws {VeroError} `VERO_CONFIG` for a bad client or option
   */
  constructor(where: string, vero: unknown, options: TrackingOptions<C>) {
    this.#tracking = new Tracking(where, vero, options);
  }

  /**
   * The work of a request; opened when it is seen for the first time. `undefined` only if opening failed, which is
   * told: the request goes on without tracking.
   */
  open(
    request: HttpRequest,
    response: HttpResponse,
    context: () => C,
    route: string,
  ): RequestWork<C> | undefined {
    const known = this.#requests.get(response);
    if (known) {
      // A later middleware may know the user that an earlier one, before the session, did not.
      known.keepIdentity();
      return known;
    }
    let work: Work<C> | undefined;
    try {
      work = new Work(this.#tracking, context, route);
      const opened = new RequestWork(work, request, response);
      this.#requests.set(response, opened);
      return opened;
    } catch (thrown) {
      this.#tracking.client.intake.contained(thrown);
      work?.settle({ failed: true, sent: false, answered: false, isFinal: true });
      return undefined;
    }
  }

  /**
   * Holds a declaration against the catalogue of the client, where it has one.
   *
   * @throws {VeroError} `VERO_CONFIG` for a declaration of an event that is not in the client's catalogue
   */
  assertInCatalogue(where: string, declaration: Declaration<C>): void {
    this.#tracking.assertInCatalogue(where, declaration);
  }

  /** Keeps with the client what a declaration says. `declaring` is the public function that was called. */
  remember(
    declaration: Declaration<C>,
    where: DeclaredWhere,
    declaring: (...args: never[]) => unknown,
  ): DeclaredEvent {
    return this.#tracking.remember(declaration, where, declaring);
  }

  /** The work of a request that was opened before. */
  find(response: HttpResponse): RequestWork<C> | undefined {
    return this.#requests.get(response);
  }
}

/** The work of one request: decided when its response has settled and its code has ended. */
export class RequestWork<C> {
  readonly #work: Work<C>;
  readonly #request: HttpRequest;
  readonly #response: HttpResponse;
  #handler: 'ok' | 'running' | 'failed' = 'ok';
  #settled: SettledResponse | undefined;
  #linger: NodeJS.Timeout | undefined;
  #isWatchingEnd = false;
  #isOver = false;

  constructor(work: Work<C>, request: HttpRequest, response: HttpResponse) {
    this.#work = work;
    this.#request = request;
    this.#response = response;
    onResponseSettled(request, response, (settled) => {
      this.#settled = settled;
      this.#decide();
    });
  }

  /** Runs `callback` inside the request's scope. */
  run<T>(callback: () => T): T {
    return this.#work.run(callback);
  }

  /** Declares an event of the request, unless its method is not one of the declaration's. */
  declare({ declaration, context, route }: DeclaredOnRequest<C>): void {
    if (!appliesToMethod(declaration, this.#request.method ?? '')) return;
    this.#work.declare(this.#response, declaration, context, route);
    // The client may have left before the code came this far.
    if (this.#settled && this.#work.hasUndecided) {
      this.#isOver = false;
      this.#decide();
    }
  }

  /** Asks who it is, where that may be known only now. */
  keepIdentity(): void {
    this.#work.keepIdentity();
  }

  /** For frameworks that tell how a handler ended: nothing is decided before. */
  handlerStarted(): void {
    this.#handler = 'running';
  }

  /** An error is the last word, also after a value; unless the handler is started again. */
  handlerEnded(how: 'ok' | 'failed'): void {
    if (this.#handler === 'failed') return;
    this.#handler = how;
    this.#decide();
  }

  #decide(): void {
    const settled = this.#settled;
    if (!settled || this.#isOver) return;
    if (this.#handler === 'running') return this.#lingerOn();
    const answered = settled.answered || this.#response.writableEnded;
    this.#conclude(settled, answered, answered || this.#handler === 'failed');
    if (this.#isOver || this.#isWatchingEnd) return;
    this.#lingerOn();
    this.#isWatchingEnd = true;
    onLateEnd(this.#response, () => this.#decide());
  }

  #conclude(settled: SettledResponse, answered: boolean, isFinal: boolean): void {
    const status = settled.answered ? settled.status : this.#response.statusCode;
    const failed = this.#handler !== 'ok';
    this.#work.settle({ failed, sent: settled.sent, answered, status, isFinal });
    this.#isOver = isFinal || !this.#work.hasUndecided;
    if (this.#isOver) clearTimeout(this.#linger);
  }

  /** The client has left, and the code goes on: its events wait for it, but not for ever. */
  #lingerOn(): void {
    this.#linger ??= setTimeout(() => {
      if (this.#settled && !this.#isOver) this.#conclude(this.#settled, this.#response.writableEnded, true);
    }, LINGER_MS).unref();
  }
}
