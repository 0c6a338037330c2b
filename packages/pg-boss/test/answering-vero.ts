import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it arrived. */
export interface Arrival {
  /** Who sent it: what it says in its header `x-worker`. */
  readonly worker: string;
  readonly token: string;
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** By the clock of this process, in milliseconds. */
  readonly at: number;
  isAnswered: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly message?: string;
}

/** A Vero that knows who sent what, and answers as it is told. */
export class AnsweringVero {
  readonly arrivals: Arrival[] = [];
  /** What it says to a request. */
  answer: (arrival: Arrival) => Answer | Promise<Answer> = () => ({ status: 200 });
  readonly #server: Server = createServer((req, res) => void this.#serve(req, res));

  static async start(): Promise<AnsweringVero> {
    const vero = new AnsweringVero();
    vero.#server.keepAliveTimeout = 0;
    vero.#server.listen(0, '127.0.0.1');
    await once(vero.#server, 'listening');
    return vero;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await bodyOf(req);
    // Its worker was ended while it sent.
    if (body === undefined) return;
    const { auth_token: token, event_name: name, data = {} } = JSON.parse(body);
    const worker = String(req.headers['x-worker']);
    const arrival: Arrival = { worker, token, name, data, at: performance.now(), isAnswered: false };
    this.arrivals.push(arrival);
    const { status, headers, message = 'Success.' } = await this.answer(arrival);
    arrival.isAnswered = true;
    res.writeHead(status, { 'content-type': 'application/json', ...headers });
    res.end(JSON.stringify({ status, message }));
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
