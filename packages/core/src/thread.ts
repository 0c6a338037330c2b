/**
 * A transport for servers whose event loop is dear.
 *
 * @packageDocumentation
 */
import { Worker } from 'node:worker_threads';
import { errorCodes } from './delivery/classify.ts';
import { messageOf } from './errors.ts';
import { checkOptions, positiveInteger } from './options.ts';
import type { Ends, FromThread, ThreadData, ToThread } from './thread-messages.ts';
import type { Transport, TransportRequest, TransportResponse } from './transport/contract.ts';

/** The options of {@link threadTransport}. */
export interface ThreadTransportOptions {
  /** Most connections that the thread opens. @default as many as attempts are in flight */
  readonly connections?: number | undefined;
}

/**
 * Sends from a worker thread, so that the host's event loop hardly notices: bodies and answers cross in batches.
 *
 * The thread is started at the first send, and again when it died. It holds the process open only while attempts are
 * under way. It has the environment of the process but not its flags: no `NODE_OPTIONS`, no `--import`. An undici
 * dispatcher can't be given to a thread: behind a proxy, use `undiciTransport` or `kyTransport`. A bundler has to leave
 * this package external, since the thread is a file of its own.
 *
 * @throws {VeroError} `VERO_CONFIG` for a bad option
 */
export function threadTransport(options: ThreadTransportOptions = {}): Transport {
  return new ThreadTransport(checkOptions('threadTransport', options, { connections: positiveInteger }));
}

class ThreadTransport implements Transport {
  readonly #options: ThreadTransportOptions;
  #thread: Thread | undefined;

  constructor(options: ThreadTransportOptions) {
    this.#options = options;
  }

  send(request: TransportRequest): Promise<TransportResponse> {
    try {
      if (!this.#thread || this.#thread.isOver) this.#thread = new Thread(this.#options.connections);
      return this.#thread.send(request);
    } catch (thrown) {
      return Promise.reject(thrown);
    }
  }

  async close(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.close();
  }
}

interface Held {
  readonly resolve: (response: TransportResponse) => void;
  readonly reject: (thrown: Error) => void;
}

// Beside this file, as a source or as it was built.
const WORKER: URL = new URL(
  `./thread-worker.${/\.ts$/.test(import.meta.url) ? 'ts' : 'mjs'}`,
  import.meta.url,
);

/** One worker thread, from its start to its end, and the attempts that it holds. */
class Thread {
  isOver = false;
  readonly #worker: Worker;
  readonly #held = new Map<number, Held>();
  #isReady = false;
  #failure: unknown;
  #next = 0;
  #bodies: string[] = [];
  #timeoutMs = 0;
  #credential: string | undefined;
  #url: string | undefined;
  #headers: TransportRequest['headers'] | undefined;

  /** Throws when Node refuses to make one. */
  constructor(connections: number | undefined) {
    this.#worker = startWorker({ connections });
    this.#worker.on('message', (message: FromThread) => {
      if (message === 'ready') this.#isReady = true;
      else this.#ended(message);
    });
    // Its end follows.
    this.#worker.on('error', (thrown) => {
      this.#failure = thrown;
    });
    this.#worker.once('exit', (code) => {
      const why = this.#failure ?? `it exited with code ${code}`;
      this.#over(this.#isReady ? endedError(why) : startError(why));
    });
    this.#worker.unref();
  }

  send(request: TransportRequest): Promise<TransportResponse> {
    this.#prepare(request);
    // What is sent in one turn of the event loop crosses together.
    if (this.#bodies.length === 0) setImmediate(() => this.#post());
    this.#bodies.push(request.body);
    const number = this.#next++;
    if (this.#held.size === 0) this.#worker.ref();
    return new Promise((resolve, reject) => this.#held.set(number, { resolve, reject }));
  }

  async close(): Promise<void> {
    this.#over(endedError('the transport was closed'));
    await this.#worker.terminate();
  }

  /** The credential, the URL and the headers cross once, and again when they change. */
  #prepare({ credential, url, headers, timeoutMs }: TransportRequest): void {
    const isSameTarget = url === this.#url && headers === this.#headers;
    if (credential === this.#credential && isSameTarget && timeoutMs === this.#timeoutMs) return;
    this.#post();
    if (credential !== this.#credential) this.#tell({ kind: 'credential', credential });
    if (!isSameTarget) this.#tell({ kind: 'target', url, headers });
    this.#credential = credential;
    this.#url = url;
    this.#headers = headers;
    this.#timeoutMs = timeoutMs;
  }

  #post(): void {
    const bodies = this.#bodies;
    if (bodies.length === 0) return;
    this.#bodies = [];
    this.#tell({ kind: 'send', first: this.#next - bodies.length, bodies, timeoutMs: this.#timeoutMs });
  }

  #tell(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  #ended({ delivered, refused, failed }: Ends): void {
    for (let at = 0; at < delivered.length; at += 2)
      this.#release(delivered[at] as number)?.resolve({ status: delivered[at + 1] as number });
    for (const [number, status, retryAfterMs, message] of refused)
      this.#release(number)?.resolve({ status, retryAfterMs, message });
    for (const [number, message, codes] of failed)
      this.#release(number)?.reject(networkError(message, codes));
    if (this.#held.size === 0) this.#worker.unref();
  }

  #release(number: number): Held | undefined {
    const held = this.#held.get(number);
    this.#held.delete(number);
    return held;
  }

  #over(error: Error): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#bodies = [];
    for (const { reject } of this.#held.values()) reject(error);
    this.#held.clear();
  }
}

function startWorker(workerData: ThreadData): Worker {
  // Flags and hooks that are meant for the host could keep it from starting.
  const { NODE_OPTIONS: _, ...env } = process.env;
  try {
    return new Worker(WORKER, {
      name: 'verotrack',
      workerData,
      env,
      execArgv: [],
      // Nothing that it prints belongs among what the host prints.
      stdout: true,
      stderr: true,
    });
  } catch (thrown) {
    throw startError(thrown);
  }
}

/** Vero may have what the thread held. */
function endedError(why: unknown): Error {
  return Object.assign(new Error(`the sending thread ended: ${messageOf(why)}`), {
    code: 'VERO_THREAD_ENDED',
  });
}

/** It has sent nothing. */
function startError(why: unknown): Error {
  const isMissing = errorCodes(why).some((code) => code.endsWith('MODULE_NOT_FOUND'));
  const hint = isMissing ? '. If the application is bundled, leave @verotrack/core out of the bundle' : '';
  const message = `the sending thread could not start: ${messageOf(why)}${hint}`;
  return Object.assign(new Error(message), { code: 'VERO_THREAD_NOT_STARTED' });
}

/** As it was in the thread: what it means is in the codes. */
function networkError(message: string, [code, ...others]: readonly string[]): Error {
  const causes = others.map((each) => Object.assign(new Error(each), { code: each }));
  const error = causes.length > 0 ? new AggregateError(causes, message) : new Error(message);
  return code === undefined ? error : Object.assign(error, { code });
}
