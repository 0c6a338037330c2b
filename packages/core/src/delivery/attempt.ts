import { failureOf } from '../diagnostics/failure.ts';
import { DeliveryError, messageOf } from '../errors.ts';
import type { QueueRecord } from '../queue/contract.ts';
import type { Reporter } from '../reporter.ts';
import type { Transport, TransportRequest } from '../transport/contract.ts';
import {
  classifyFailure,
  classifyResponse,
  errorCodes,
  type FailureVerdict,
  type Verdict,
} from './classify.ts';
import type { Credential } from './credential.ts';
import type { AttemptHistory, Ledger } from './ledger.ts';

/** Why an attempt did not deliver. */
export interface FailedAttempt {
  readonly verdict: FailureVerdict;
  readonly error: DeliveryError;
  /** Whether the token that was sent is still the one that would be sent. */
  readonly wasCurrentToken: boolean;
}

export interface AttemptsOptions {
  readonly transport: Transport;
  readonly credential: Credential;
  readonly url: string;
  readonly timeoutMs: number;
}

const HEADERS = { 'content-type': 'application/json', accept: 'application/json', 'user-agent': 'verotrack' };

/** Makes attempts. Nothing of them throws, and nothing that they tell contains the credential. */
export class Attempts {
  readonly #options: AttemptsOptions;
  readonly #ledger: Ledger;
  readonly #reporter: Reporter;
  readonly #stopping = new AbortController();
  readonly #limits = new Set<Limit>();

  constructor(options: AttemptsOptions, ledger: Ledger, reporter: Reporter) {
    this.#options = options;
    this.#ledger = ledger;
    this.#reporter = reporter;
  }

  /** Aborts when no more attempts are made. */
  get stopped(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Ends the attempts under way. From now on none is made. */
  stop(): void {
    this.#stopping.abort(new LimitError('AbortError', 'the client was closed'));
    for (const limit of this.#limits) limit.reach(this.stopped.reason);
  }

  /** Sends an event once: `undefined` when Vero has it. `isQueued`: it waited in the queue, and nobody waits for it. */
  make(
    record: QueueRecord,
    timeoutMs: number = this.#options.timeoutMs,
    isQueued = true,
  ): Promise<FailedAttempt | undefined> {
    const limit = new Limit(timeoutMs);
    this.#limits.add(limit);
    if (this.stopped.aborted) limit.reach(this.stopped.reason);
    const token = this.#options.credential.get();
    return typeof token === 'string'
      ? this.#send(record, token, limit, isQueued)
      : this.#sendWhenKnown(record, token, limit, isQueued);
  }

  async #sendWhenKnown(
    record: QueueRecord,
    asked: Promise<string>,
    limit: Limit,
    isQueued: boolean,
  ): Promise<FailedAttempt | undefined> {
    let token: string;
    try {
      token = await limit.race(asked);
    } catch (thrown) {
      this.#end(limit);
      const error = this.#error(record, messageOf(thrown), { cause: thrown, code: 'VERO_CREDENTIAL' });
      return { verdict: { kind: 'unauthorized' }, error, wasCurrentToken: true };
    }
    return await this.#send(record, token, limit, isQueued);
  }

  /** Never rejects. */
  async #send(
    record: QueueRecord,
    token: string,
    limit: Limit,
    isQueued: boolean,
  ): Promise<FailedAttempt | undefined> {
    const { credential, transport, url } = this.#options;
    const history = this.#ledger.historyOf(record.id);
    const startedAt = Date.now();
    const observed = this.#reporter.diagnostics.attempt(record, isQueued, url);
    try {
      limit.throwIfReached();
      if (history) history.isUnderWay = true;
      const request = new AttemptRequest(url, record.body, token, limit);
      const answer = observed ? observed.run(() => transport.send(request)) : transport.send(request);
      // A transport that doesn't heed its time must not hold a place for ever.
      const response = await limit.race(answer);
      const verdict = classifyResponse(response);
      ended(history, verdict, startedAt);
      if (verdict.kind === 'delivered') {
        observed?.ended(response.status, undefined);
        return undefined;
      }
      const wasCurrentToken = verdict.kind !== 'unauthorized' || credential.refused(token);
      // Redacted before it is cut: half a token is too much.
      const said = response.message ? `: ${credential.redact(response.message).slice(0, 300)}` : '';
      const error = this.#error(record, `Vero answered ${response.status}${said}`, response);
      observed?.ended(response.status, failureOf(error));
      return { verdict, error, wasCurrentToken };
    } catch (thrown) {
      const verdict = classifyFailure(thrown);
      ended(history, verdict, startedAt);
      const error = this.#error(record, describeFailure(thrown), { cause: this.#withoutCredential(thrown) });
      observed?.ended(undefined, failureOf(error));
      return { verdict, error, wasCurrentToken: true };
    } finally {
      this.#end(limit);
    }
  }

  #end(limit: Limit): void {
    limit.end();
    this.#limits.delete(limit);
  }

  #error(
    event: QueueRecord,
    message: string,
    {
      code,
      ...failure
    }: { status?: number; retryAfterMs?: number | undefined; cause?: unknown; code?: 'VERO_CREDENTIAL' },
  ): DeliveryError {
    const { status, retryAfterMs, cause } = failure;
    const text = this.#options.credential.redact(message);
    return new DeliveryError(
      text,
      // A copy: listeners get it, and the queue's own must stay as it is.
      { status, retryAfterMs, cause, attempts: event.attempts + 1, event: { ...event } },
      code,
    );
  }

  /** A stranger's error may hold the request, and so the credential: only its words and its code go on. */
  #withoutCredential(thrown: unknown): Error {
    const { credential } = this.#options;
    const cause = new Error(credential.redact(messageOf(thrown)));
    if (thrown instanceof LimitError) cause.name = thrown.name;
    const [code] = errorCodes(thrown);
    return code === undefined ? cause : Object.assign(cause, { code: credential.redact(code) });
  }
}

function ended(history: AttemptHistory | undefined, verdict: Verdict, startedAt: number): void {
  if (!history) return;
  history.isUnderWay = false;
  if (verdict.kind === 'retry' && verdict.ambiguous) history.ambiguousSince ??= startedAt;
}

/** One attempt, as its transport sees it. */
class AttemptRequest implements TransportRequest {
  readonly url: string;
  readonly body: string;
  readonly credential: string;
  readonly headers = HEADERS;
  readonly timeoutMs: number;
  declare readonly signal: AbortSignal;
  readonly #limit: Limit;

  constructor(url: string, body: string, credential: string, limit: Limit) {
    this.url = url;
    this.body = body;
    this.credential = credential;
    this.timeoutMs = limit.timeoutMs;
    this.#limit = limit;
    Object.defineProperty(this, 'signal', AttemptRequest.#SIGNAL);
  }

  // Made only for whoever reads it: it is dearer than all else. Its own, so that a copy (`{ ...request }`) has it, and the same
  // function for all, so that all requests have one shape.
  static readonly #SIGNAL: PropertyDescriptor & ThisType<AttemptRequest> = {
    get() {
      return this.#limit.signal;
    },
    enumerable: true,
  };
}

/** Why an attempt was ended before its answer. Named as the platform names these. */
class LimitError extends Error {
  constructor(name: 'TimeoutError' | 'AbortError', message: string) {
    super(message);
    this.name = name;
  }
}

/** Bounds what one attempt takes: by time, and by the end of all attempts. */
class Limit {
  readonly timeoutMs: number;
  readonly #timer: NodeJS.Timeout;
  #reason: Error | undefined;
  #controller: AbortController | undefined;
  #reject: ((reason: Error) => void) | undefined;

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
    this.#timer = setTimeout(
      () => this.reach(new LimitError('TimeoutError', `no answer within ${timeoutMs} ms`)),
      timeoutMs,
    ).unref();
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  reach(reason: Error): void {
    this.#reason ??= reason;
    this.#controller?.abort(this.#reason);
    this.#reject?.(this.#reason);
  }

  throwIfReached(): void {
    if (this.#reason) throw this.#reason;
  }

  race<T>(result: T | PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      if (this.#reason) reject(this.#reason);
      Promise.resolve(result).then(resolve, reject);
    });
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

function describeFailure(thrown: unknown): string {
  const [code] = errorCodes(thrown);
  const message = messageOf(thrown);
  return `Vero could not be reached: ${message}${code && !message.includes(code) ? ` (${code})` : ''}`;
}
