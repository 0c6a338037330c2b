import { DeliveryError, messageOf } from '../errors.ts';
import type { QueueRecord } from '../queue/contract.ts';
import type { Transport } from '../transport/contract.ts';
import { classifyFailure, classifyResponse, errorCodes, type Verdict } from './classify.ts';
import type { Credential } from './credential.ts';

/** How one attempt ended. */
export interface Attempt {
  readonly verdict: Verdict;
  /** What to tell of it, unless it was delivered. */
  readonly error: DeliveryError;
  readonly startedAt: number;
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
  readonly #underWay = new Set<AbortController>();
  #isStopped = false;

  constructor(options: AttemptsOptions) {
    this.#options = options;
  }

  /** Ends the attempts under way. From now on none is made. */
  stop(): void {
    this.#isStopped = true;
    for (const controller of this.#underWay) controller.abort(new Error('the client was closed'));
  }

  async make(record: QueueRecord, timeoutMs: number = this.#options.timeoutMs): Promise<Attempt> {
    const { credential } = this.#options;
    const startedAt = Date.now();
    let token: string;
    try {
      const current = credential.get();
      token = typeof current === 'string' ? current : await current;
    } catch (thrown) {
      const error = this.#error(record, messageOf(thrown), { cause: thrown, code: 'VERO_CREDENTIAL' });
      return { verdict: { kind: 'unauthorized' }, error, startedAt, wasCurrentToken: true };
    }
    try {
      const response = await this.#send(record, token, timeoutMs);
      const verdict = classifyResponse(response);
      const wasCurrentToken = verdict.kind !== 'unauthorized' || credential.refused(token);
      // Redacted before it is cut: half a token is too much.
      const said = response.message ? `: ${credential.redact(response.message).slice(0, 300)}` : '';
      const error = this.#error(record, `Vero answered ${response.status}${said}`, response);
      return { verdict, error, startedAt, wasCurrentToken };
    } catch (thrown) {
      const error = this.#error(record, describeFailure(thrown), { cause: this.#withoutCredential(thrown) });
      return { verdict: classifyFailure(thrown), error, startedAt, wasCurrentToken: true };
    }
  }

  async #send(record: QueueRecord, credential: string, timeoutMs: number): ReturnType<Transport['send']> {
    const { transport, url } = this.#options;
    // A callback or the token may have been waited for meanwhile.
    if (this.#isStopped) throw new Error('the client was closed');
    const controller = new AbortController();
    const { signal } = controller;
    this.#underWay.add(controller);
    const timer = setTimeout(
      () => controller.abort(new Error(`no answer within ${timeoutMs} ms`)),
      timeoutMs,
    ).unref();
    // A transport that doesn't heed its signal must not hold a place for ever.
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    try {
      const sending = transport.send({
        url,
        body: record.body,
        credential,
        headers: HEADERS,
        timeoutMs,
        signal,
      });
      return await Promise.race([sending, aborted]);
    } finally {
      clearTimeout(timer);
      this.#underWay.delete(controller);
    }
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

function describeFailure(thrown: unknown): string {
  const [code] = errorCodes(thrown);
  const message = messageOf(thrown);
  return `Vero could not be reached: ${message}${code && !message.includes(code) ? ` (${code})` : ''}`;
}
