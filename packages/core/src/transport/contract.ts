/** One payload to send. */
export interface TransportRequest {
  /** Where Vero takes events. */
  readonly url: string;
  /** The encoded payload without the credential. See {@link withCredential}. */
  readonly body: string;
  /** The auth token. It belongs into the body, and nowhere else. */
  readonly credential: string;
  /** The headers of the request, the content type among them. */
  readonly headers: Readonly<Record<string, string>>;
  /** How long the attempt may take, in milliseconds. The engine waits no longer. */
  readonly timeoutMs: number;
  /**
   * Aborts after `timeoutMs`, or when the client is closed. It is made when it is first read, which costs more than all
   * else of a request: a transport that is to be fast doesn't read it. Such a transport has to end its attempt itself
   * after `timeoutMs`, and what is under way in `close`.
   */
  readonly signal: AbortSignal;
}

/** Vero's answer, whatever its status. */
export interface TransportResponse {
  /** Vero's HTTP status. */
  readonly status: number;
  /** What a `Retry-After` header asked for, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** The start of an answer that was no success, for messages. */
  readonly message?: string | undefined;
}

/** Sends one payload and says what became of it. Rejects when no answer came, and only then. */
export interface Transport {
  /**
   * Posts the payload once. Retries are the engine's.
   *
   * @throws whatever kept an answer from coming; its `code`, or that of its `cause`, says what it means
   */
  send(request: TransportRequest): Promise<TransportResponse>;
  /** Ends what is under way. */
  close?(): void | Promise<void>;
}

/** The body as Vero takes it: the payload with the credential as its first member. */
export function withCredential(body: string, credential: string): string {
  return `{"auth_token":${JSON.stringify(credential)},${body.slice(1)}`;
}

/** Milliseconds that a `Retry-After` header asks for: seconds or an HTTP date. `undefined` when it says neither. */
export function parseRetryAfter(
  header: string | null | undefined,
  now: number = Date.now(),
): number | undefined {
  const text = header?.trim();
  if (!text) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  // `Date.parse` alone takes "-5" for a day in May 2001. Every form of an HTTP date begins with its weekday.
  const date = /^(mon|tue|wed|thu|fri|sat|sun)/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
