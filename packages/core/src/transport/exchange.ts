import type { Dispatcher } from 'undici';
import type { Connections } from './connections.ts';

type Controller = Dispatcher.DispatchController;

/** What was answered, whatever the status. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The start of the body, where it is kept. */
  readonly text: string;
}

export interface SendOptions {
  /** Keeps the start of an answer that was a success, too. @default false */
  readonly keepsText?: boolean;
  /** Ends the attempt early. @default none */
  readonly signal?: AbortSignal;
}

/** Enough of an answer for a message, however much a broken proxy has to say. */
const MAX_KEPT_BYTES = 8 * 1024;
/** How much is read for nothing, so that the connection can be used again. */
const MAX_DRAINED_BYTES = 128 * 1024;
/** An answer's status is known before its body, so a body that hangs is not waited for. */
const BODY_TIMEOUT_MS = 1_000;

interface ExchangeOptions extends SendOptions {
  readonly connections: Connections;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (thrown: unknown) => void;
  readonly timeoutMs: number;
}

/**
 * One request and its answer, as undici tells of it. Leaner than undici's `request`: no stream is made for a body that
 * few look at.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  isOver = false;
  readonly #options: ExchangeOptions;
  readonly #timer: NodeJS.Timeout;
  #bodyTimer: NodeJS.Timeout | undefined;
  #controller: Controller | undefined;
  #status = 0;
  #headers: Answer['headers'] = {};
  #isKept = false;
  #chunks: Buffer[] | undefined;
  #bytes = 0;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    const { connections, timeoutMs, signal } = options;
    connections.awaited();
    this.#timer = setTimeout(tooLate, timeoutMs, this).unref();
    if (!signal) return;
    if (signal.aborted) this.handleEvent();
    else signal.addEventListener('abort', this, { once: true });
  }

  /** There was no answer in time, or no end of it. */
  late(): void {
    const { timeoutMs } = this.#options;
    this.#giveUp(
      this.#controller
        ? failure(`no answer within ${timeoutMs} ms`, 'ETIMEDOUT')
        : // Nothing was sent, and undici's own error of this code says the same.
          failure(`no connection within ${timeoutMs} ms`, 'UND_ERR_CONNECT_TIMEOUT'),
    );
  }

  onRequestStart(controller: Controller): void {
    // To throw keeps it from being sent, and leaves the connection to others; to abort would end that.
    if (this.isOver) throw new Error('the attempt was over before it began');
    // With a dispatcher that tries again it starts more than once.
    if (!this.#controller) this.#options.connections.found();
    this.#controller = controller;
  }

  onResponseStart(_controller: Controller, status: number, headers: Answer['headers']): void {
    // More is to come.
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    this.#isKept = this.#options.keepsText === true || status >= 300;
    this.#bodyTimer = setTimeout(tooLate, BODY_TIMEOUT_MS, this).unref();
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    if (this.isOver) return;
    this.#bytes += chunk.length;
    if (this.#isKept) (this.#chunks ??= []).push(chunk);
    if (this.#bytes >= (this.#isKept ? MAX_KEPT_BYTES : MAX_DRAINED_BYTES)) {
      this.#giveUp(failure('the answer is too long', 'ERR_OUT_OF_RANGE'));
    }
  }

  onResponseEnd(): void {
    this.#end(undefined);
  }

  onResponseError(_controller: Controller | null, error: Error): void {
    this.#end(error);
  }

  /** The signal was aborted. */
  handleEvent(): void {
    this.#giveUp(this.#options.signal?.reason as Error);
  }

  #giveUp(reason: Error): void {
    this.#end(reason);
    this.#controller?.abort(reason);
  }

  /** The first end counts. Once there is a status, it is what matters, and what came of the body is enough. */
  #end(error: unknown): void {
    if (this.isOver) return;
    this.isOver = true;
    const { connections, resolve, reject, signal } = this.#options;
    if (!this.#controller) connections.givenUp();
    clearTimeout(this.#timer);
    if (this.#bodyTimer) clearTimeout(this.#bodyTimer);
    signal?.removeEventListener('abort', this);
    if (this.#status === 0) return reject(error);
    resolve({ status: this.#status, headers: this.#headers, text: this.#text() });
  }

  #text(): string {
    return this.#chunks ? Buffer.concat(this.#chunks).toString('utf8', 0, MAX_KEPT_BYTES) : '';
  }
}

function tooLate(exchange: Exchange): void {
  exchange.late();
}

function failure(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}
