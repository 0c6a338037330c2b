import { DeliveryError, messageOf } from '../errors.ts';
import type { QueueRecord } from '../queue/contract.ts';
import type { Transport } from '../transport/contract.ts';
import { classifyFailure, classifyResponse, errorCodes, type Verdict } from './classify.ts';
import type { Credential } from './credential.ts';
import type { Ledger } from './ledger.ts';

/** How one attempt ended. */
export interface Attempt {
  readonly verdict: Verdict;
  /** What to tell of it, unless it was delivered. */
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
  readonly #stopping = new AbortController();

  constructor(options: AttemptsOptions, ledger: Ledger) {
    this.#options = options;
    this.#ledger = ledger;
  }

  /** Aborts when no more attempts are made. */
  get stopped(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Ends the attempts under way. From now on none is made. */
  stop(): void {
    this.#stopping.abort(new Error('the client was closed'));
  }

  async make(record: QueueRecord, timeoutMs: number = this.#options.timeoutMs): Promise<Attempt> {
    const limit = new Limit(timeoutMs, this.stopped);
    try {
      return await this.#make(record, timeoutMs, limit);
    } finally {
      limit.end();
    }
  }

  async #make(record: QueueRecord, timeoutMs: number, limit: Limit): Promise<Attempt> {
    const { credential, transport, url } = this.#options;
    let token: string;
    try {
      token = await limit.race(credential.get());
    } catch (thrown) {
      const error = this.#error(record, messageOf(thrown), { cause: thrown, code: 'VERO_CREDENTIAL' });
      return { verdict: { kind: 'unauthorized' }, error, wasCurrentToken: true };
    }
    const pending = this.#ledger.find(record.id);
    const startedAt = Date.now();
    const { signal } = limit;
    try {
      signal.throwIfAborted();
      if (pending) pending.isUnderWay = true;
      const request = { url, body: record.body, credential: token, headers: HEADERS, timeoutMs, signal };
      // A transport that doesn't heed its signal must not hold a place for ever.
      const response = await limit.race(transport.send(request));
      const verdict = classifyResponse(response);
      const wasCurrentToken = verdict.kind !== 'unauthorized' || credential.refused(token);
      // Redacted before it is cut: half a token is too much.
      const said = response.message ? `: ${credential.redact(response.message).slice(0, 300)}` : '';
      const error = this.#error(record, `Vero answered ${response.status}${said}`, response);
      return this.#ended(pending, startedAt, { verdict, error, wasCurrentToken });
    } catch (thrown) {
      const error = this.#error(record, describeFailure(thrown), { cause: this.#withoutCredential(thrown) });
      return this.#ended(pending, startedAt, {
        verdict: classifyFailure(thrown),
        error,
        wasCurrentToken: true,
      });
    }
  }

  #ended(pending: ReturnType<Ledger['find']>, startedAt: number, attempt: Attempt): Attempt {
    if (!pending) return attempt;
    pending.isUnderWay = false;
    const { verdict } = attempt;
    if (verdict.kind === 'retry' && verdict.ambiguous) pending.ambiguousSince ??= startedAt;
    return attempt;
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
      { status, retryAfterMs, cause, attempts: event.attempts + 1, event },
      code,
    );
  }

  /** A stranger's error may hold the request, and so the credential: only its words and its code go on. */
  #withoutCredential(thrown: unknown): Error {
    const cause = new Error(this.#options.credential.redact(messageOf(thrown)));
    const [code] = errorCodes(thrown);
    return code === undefined ? cause : Object.assign(cause, { code });
  }
}

/** Bounds what one attempt takes: by time, and by the end of all attempts. */
class Limit {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #stopped: AbortSignal;
  readonly #stop = (): void => this.#controller.abort(this.#stopped.reason);
  readonly #aborted: Promise<never>;

  constructor(timeoutMs: number, stopped: AbortSignal) {
    this.#stopped = stopped;
    this.#timer = setTimeout(
      () => this.#controller.abort(new Error(`no answer within ${timeoutMs} ms`)),
      timeoutMs,
    ).unref();
    this.#aborted = new Promise((_, reject) => {
      this.signal.addEventListener('abort', () => reject(this.signal.reason), { once: true });
    });
    this.#aborted.catch(() => undefined);
    if (stopped.aborted) this.#stop();
    else stopped.addEventListener('abort', this.#stop, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  async race<T>(result: T | Promise<T>): Promise<T> {
    return await Promise.race([result, this.#aborted]);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#stopped.removeEventListener('abort', this.#stop);
  }
}

function describeFailure(thrown: unknown): string {
  const [code] = errorCodes(thrown);
  const message = messageOf(thrown);
  return `Vero could not be reached: ${message}${code && !message.includes(code) ? ` (${code})` : ''}`;
}
