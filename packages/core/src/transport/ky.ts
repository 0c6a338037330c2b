import type { Options as KyOptions } from 'ky';
import type { Dispatcher } from 'undici';
import { anObject, anything, checkOptions, positiveInteger } from '../options.ts';
import { Connections } from './connections.ts';
import {
  parseRetryAfter,
  type Transport,
  type TransportRequest,
  type TransportResponse,
  withCredential,
} from './contract.ts';

export interface KyTransportOptions {
  /**
   * ky's options, `hooks` and `headers` among them. Retries, timeouts, redirects and the body stay ours; hooks see
   * the request without its body, which holds the credential.
   */
  readonly ky?: Omit<
    KyOptions,
    'body' | 'json' | 'fetch' | 'method' | 'redirect' | 'retry' | 'signal' | 'throwHttpErrors' | 'timeout'
  >;
  /** Sends through this undici dispatcher, a proxy for example. @default a kept-alive agent of our own */
  readonly dispatcher?: Dispatcher | undefined;
  /** Most connections that our own agent opens. @default as many as attempts are in flight */
  readonly connections?: number | undefined;
}

/** Enough of an answer for a message, however much a broken proxy has to say. */
const MAX_ANSWER_BYTES = 8 * 1024;
/** An answer's status is known before its body, so a body that hangs is not waited for. */
const ANSWER_BODY_TIMEOUT_MS = 1_000;

interface Loaded {
  readonly ky: typeof import('ky')['default'];
  readonly undici: typeof import('undici');
  readonly dispatcher: Dispatcher;
}

/**
 * The default transport: ky over a pool of kept-alive connections. Both load at the first send.
 *
 * @throws {VeroError} `VERO_CONFIG` for a bad option
 */
export function kyTransport(options: KyTransportOptions = {}): Transport {
  checkOptions('kyTransport', options, { ky: anObject, dispatcher: anything, connections: positiveInteger });
  return new KyTransport(options);
}

class KyTransport implements Transport {
  readonly #options: KyTransportOptions;
  readonly #connections = new Connections();
  #loading: Promise<Loaded> | undefined;

  constructor(options: KyTransportOptions) {
    this.#options = options;
  }

  async send(request: TransportRequest): Promise<TransportResponse> {
    const { ky, undici, dispatcher } = await (this.#loading ??= this.#load());
    const response = await ky(request.url, {
      ...this.#options.ky,
      method: 'POST',
      headers: { ...headersOf(this.#options.ky?.headers), ...request.headers },
      signal: request.signal,
      retry: 0,
      timeout: false,
      throwHttpErrors: false,
      redirect: 'manual',
      // ky makes the request and its hooks shape it, but the body goes straight to the socket: as part of a
      // `Request` it would be copied, and every hook would see the credential.
      fetch: async (input) => {
        const { url, headers } = input instanceof Request ? input : new Request(input);
        const answer = await undici.request(url, {
          dispatcher,
          method: 'POST',
          headers: Object.fromEntries(headers),
          body: withCredential(request.body, request.credential),
          signal: request.signal,
        });
        return toResponse(answer);
      },
    });
    const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'));
    if (response.ok) return { status: response.status };
    return { status: response.status, retryAfterMs, message: (await response.text()).trim() || undefined };
  }

  async close(): Promise<void> {
    const loaded = await this.#loading?.catch(() => undefined);
    this.#loading = undefined;
    if (this.#options.dispatcher) return;
    await loaded?.dispatcher.destroy();
    await this.#connections.gone();
  }

  async #load(): Promise<Loaded> {
    try {
      const [{ default: ky }, undici] = await Promise.all([import('ky'), import('undici')]);
      const dispatcher = this.#options.dispatcher ?? this.#newAgent(undici);
      return { ky, undici, dispatcher };
    } catch (thrown) {
      this.#loading = undefined;
      throw thrown;
    }
  }

  #newAgent({ Agent, buildConnector }: typeof import('undici')): Dispatcher {
    const connect = this.#connections.watch(buildConnector({}));
    return new Agent({ connections: this.#options.connections ?? null, keepAliveTimeout: 30_000, connect });
  }
}

function headersOf(headers: KyOptions['headers']): Record<string, string> {
  return headers ? Object.fromEntries(new Headers(headers as ConstructorParameters<typeof Headers>[0])) : {};
}

async function toResponse({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<Response> {
  const text = await readStart(body);
  const plain = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) plain.append(name, one);
  }
  // A `Response` refuses a body where HTTP has none.
  const hasBody = statusCode !== 204 && statusCode !== 205 && statusCode !== 304;
  return new Response(hasBody ? text : null, { status: statusCode, headers: plain });
}

/** Reads at most 8 KiB, and never fails: the status is what matters. */
async function readStart(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const timer = setTimeout(() => body.destroy(), ANSWER_BODY_TIMEOUT_MS).unref();
  try {
    for await (const chunk of body) {
      chunks.push(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      // Leaving the loop destroys the rest.
      if (bytes >= MAX_ANSWER_BYTES) break;
    }
  } catch {
    // Cut short: what came is enough.
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks).toString('utf8', 0, MAX_ANSWER_BYTES);
}
