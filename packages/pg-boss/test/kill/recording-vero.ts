import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A request that arrived. */
export interface Arrival {
  readonly order: number;
  readonly worker: string;
  /** By the clock of this process, in milliseconds. */
  readonly at: number;
}

/** The longest that an answer takes, so that many attempts are in flight at any time. */
const SLOWEST_ANSWER_MS = 10;

/** A Vero that records which worker sent what, and takes all of it. */
export class RecordingVero {
  readonly arrivals: Arrival[] = [];
  readonly #server: Server;
  readonly #random: () => number;
  readonly #onArrival: (order: number) => void;

  constructor(random: () => number, onArrival: (order: number) => void) {
    this.#random = random;
    this.#onArrival = onArrival;
    this.#server = createServer((req, res) => void this.#serve(req, res));
    this.#server.keepAliveTimeout = 0;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await bodyOf(req);
    // Its worker was killed while it sent.
    if (body === undefined) return;
    const { data } = JSON.parse(body) as { data: { order: number } };
    this.arrivals.push({ order: data.order, worker: String(req.headers['x-worker']), at: performance.now() });
    this.#onArrival(data.order);
    await wait(this.#random() * SLOWEST_ANSWER_MS);
    res.writeHead(200, { 'content-type': 'application/json' }).end('{"status":200,"message":"Success."}');
  }
}

async function bodyOf(req: IncomingMessage): Promise<string | undefined> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  } catch {
    return undefined;
  }
}
