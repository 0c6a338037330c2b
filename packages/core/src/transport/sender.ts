import type { Dispatcher } from 'undici';
import { anything, type OptionRule, positiveInteger } from '../options.ts';
import { Connections } from './connections.ts';
import {
  parseRetryAfter,
  type TransportRequest,
  type TransportResponse,
  withCredential,
} from './contract.ts';
import { type Answer, Exchange, type SendOptions } from './exchange.ts';

type Undici = typeof import('undici');
type Sent = Pick<TransportRequest, 'url' | 'body' | 'credential' | 'headers' | 'timeoutMs'>;

export interface SenderOptions {
  /** Sends through this undici dispatcher: a proxy, or an agent with certificates of its own. @default a kept-alive agent of our own */
  readonly dispatcher?: Dispatcher | undefined;
  /** Most connections that our own agent opens. @default as many as attempts are in flight */
  readonly connections?: number | undefined;
}

export const SENDER_RULES: Readonly<Record<keyof SenderOptions, OptionRule>> = {
  dispatcher: anything,
  connections: positiveInteger,
};

/** Posts payloads over a pool of kept-alive connections. Each attempt ends by itself, in time. */
export class Sender {
  readonly #dispatcher: Dispatcher;
  readonly #connections = new Connections();
  readonly #isOwn: boolean;
  #url: string | undefined;
  #target = { origin: '', path: '' };

  constructor({ Agent, buildConnector }: Undici, { dispatcher, connections }: SenderOptions) {
    this.#isOwn = dispatcher === undefined;
    this.#dispatcher =
      dispatcher ??
      new Agent({
        connections: connections ?? null,
        keepAliveTimeout: 30_000,
        connect: this.#connections.watch(buildConnector({})),
      });
  }

  /** Rejects when no answer came. */
  send({ url, headers, body, credential, timeoutMs }: Sent, options: SendOptions = {}): Promise<Answer> {
    const connections = this.#connections;
    return new Promise((resolve, reject) => {
      const { origin, path } = this.#targetOf(url);
      const exchange = new Exchange({ resolve, reject, timeoutMs, connections, ...options });
      if (exchange.isOver) return;
      this.#dispatcher.dispatch(
        {
          origin,
          path,
          method: 'POST',
          headers,
          body: withCredential(body, credential),
          // An exchange times itself.
          headersTimeout: 0,
          bodyTimeout: 0,
        },
        exchange,
      );
    });
  }

  /** Ends what is under way, and resolves when the connections are gone. A dispatcher of somebody else stays open. */
  async close(): Promise<void> {
    if (!this.#isOwn) return;
    await this.#dispatcher.destroy();
    await this.#connections.gone();
  }

  /** It is the same one, event after event. */
  #targetOf(url: string): { origin: string; path: string } {
    if (url !== this.#url) {
      const { origin, pathname, search } = new URL(url);
      this.#target = { origin, path: pathname + search };
      this.#url = url;
    }
    return this.#target;
  }
}

/** A sender that is made, and undici loaded, when it is first needed. */
export class LazySender {
  readonly #options: SenderOptions;
  #loading: Promise<Sender> | undefined;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  get(): Promise<Sender> {
    return (this.#loading ??= this.#load());
  }

  /** Closes it. The next use makes a new one. */
  async close(): Promise<void> {
    const sender = await this.#loading?.catch(() => undefined);
    this.#loading = undefined;
    await sender?.close();
  }

  async #load(): Promise<Sender> {
    try {
      return new Sender(await import('undici'), this.#options);
    } catch (thrown) {
      this.#loading = undefined;
      throw thrown;
    }
  }
}

export function toTransportResponse({ status, headers, text }: Answer): TransportResponse {
  if (status >= 200 && status < 300) return { status };
  const retryAfter = headers['retry-after'];
  // Two of them contradict each other.
  const retryAfterMs = parseRetryAfter(typeof retryAfter === 'string' ? retryAfter : undefined);
  return { status, retryAfterMs, message: text.trim() || undefined };
}
