import type { KyInstance, Options as KyOptions } from 'ky';
import { anObject, checkOptions } from '../options.ts';
import type { Transport, TransportRequest, TransportResponse } from './contract.ts';
import type { Answer } from './exchange.ts';
import { LazySender, SENDER_RULES, type Sender, type SenderOptions, toTransportResponse } from './sender.ts';

/** The options of {@link kyTransport}. */
export interface KyTransportOptions extends SenderOptions {
  /**
   * ky's options, `hooks` and `headers` among them. Retries, timeouts, redirects and the body stay ours; hooks see
   * the request without its body, which holds the credential.
   * @default none
   */
  readonly ky?:
    | Omit<
        KyOptions,
        'body' | 'json' | 'fetch' | 'method' | 'redirect' | 'retry' | 'signal' | 'throwHttpErrors' | 'timeout'
      >
    | undefined;
}

type HeaderRecord = Readonly<Record<string, string>>;

/**
 * The default transport: ky over a pool of kept-alive connections. Both load at the first send.
 *
 * @throws {VeroError} `VERO_CONFIG` for a bad option
 */
export function kyTransport(options: KyTransportOptions = {}): Transport {
  return new KyTransport(checkOptions('kyTransport', options, { ky: anObject, ...SENDER_RULES }));
}

class KyTransport implements Transport {
  readonly #options: NonNullable<KyTransportOptions['ky']>;
  /** Whether ky is given nothing that sees, or changes, the request or the answer. */
  readonly #isPlain: boolean;
  readonly #ownHeaders: HeaderRecord;
  readonly #sender: LazySender;
  #ky: KyInstance | undefined;
  #requestHeaders: HeaderRecord = {};
  #headers: HeaderRecord = {};

  constructor({ ky = {}, dispatcher, connections }: KyTransportOptions) {
    this.#options = ky;
    this.#isPlain = Object.keys(ky).every((name) => name === 'headers');
    this.#ownHeaders = ky.headers
      ? Object.fromEntries(new Headers(ky.headers as ConstructorParameters<typeof Headers>[0]))
      : {};
    this.#sender = new LazySender({ dispatcher, connections });
  }

  async send(request: TransportRequest): Promise<TransportResponse> {
    const sender = await this.#sender.get();
    this.#ky ??= (await import('ky')).default;
    const answer = this.#isPlain
      ? await this.#sendPlain(this.#ky, sender, request)
      : await this.#sendSeen(this.#ky, sender, request);
    return toTransportResponse(answer);
  }

  close(): Promise<void> {
    return this.#sender.close();
  }

  /** Nobody looks at what ky makes of the request, nor at a `Response`: the shortest way through ky. */
  async #sendPlain(ky: KyInstance, sender: Sender, request: TransportRequest): Promise<Answer> {
    const { url, body, credential, timeoutMs } = request;
    const headers = this.#headersFor(request);
    const response: unknown = await ky(url, {
      ...OURS,
      fetch: async () =>
        new PlainResponse(
          await sender.send({ url, body, credential, headers, timeoutMs }),
        ) as unknown as Response,
    });
    return (response as PlainResponse).answer;
  }

  async #sendSeen(ky: KyInstance, sender: Sender, request: TransportRequest): Promise<Answer> {
    const { body, credential, timeoutMs, signal } = request;
    const response = await ky(request.url, {
      ...this.#options,
      ...OURS,
      redirect: 'manual',
      headers: this.#headersFor(request),
      signal,
      // ky makes the request and its hooks shape it, but the body goes straight to the socket: as part of a
      // `Request` it would be copied, and every hook would see the credential.
      fetch: async (input) => {
        const { url, headers, signal } = input instanceof Request ? input : new Request(input);
        const sent = { url, body, credential, headers: Object.fromEntries(headers), timeoutMs };
        return toResponse(await sender.send(sent, { keepsText: true, signal }));
      },
    });
    const { status } = response;
    const headers = Object.fromEntries(response.headers);
    return { status, headers, text: response.ok ? '' : await response.text() };
  }

  /** Merged once: the engine's headers are the same object at every attempt. */
  #headersFor({ headers }: TransportRequest): HeaderRecord {
    if (headers !== this.#requestHeaders) {
      this.#requestHeaders = headers;
      this.#headers = { ...this.#ownHeaders, ...headers };
    }
    return this.#headers;
  }
}

/** What stays ours, whatever ky is told. */
const OURS = { method: 'POST', retry: 0, timeout: false, throwHttpErrors: false } as const;

/** The little that ky itself asks of a response. It takes any object for one that calls itself so. */
class PlainResponse {
  readonly type = 'default';
  readonly status: number;
  readonly ok: boolean;
  readonly answer: Answer;

  constructor(answer: Answer) {
    this.answer = answer;
    this.status = answer.status;
    this.ok = answer.status >= 200 && answer.status < 300;
  }

  get [Symbol.toStringTag](): string {
    return 'Response';
  }
}

function toResponse({ status, headers, text }: Answer): Response {
  const plain = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) plain.append(name, one);
  }
  // A `Response` refuses a body where HTTP has none.
  const hasBody = status !== 204 && status !== 205 && status !== 304;
  return new Response(hasBody ? text : null, { status, headers: plain });
}
