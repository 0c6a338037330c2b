import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * - `up`: takes everything
 * - `down`: nobody listens, and whoever was connected is cut off
 * - `hanging`: reads requests and answers none
 * - `flapping`: is each of these for a moment, with errors, cut connections and slow answers in between
 */
export type Mode = 'up' | 'down' | 'hanging' | 'flapping';

export interface Delivery {
  readonly n: number;
  /** Which run of the process sent it. */
  readonly run: string;
}

const FLAP_MS = 120;

/** A Vero that records whose request it took when, and never says that it has what it has not. */
export class LocalVero {
  readonly deliveries: Delivery[] = [];
  readonly received = new Map<number, number>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #waiting = new Set<() => void>();
  readonly #random: () => number;
  readonly #onArrival: (n: number) => void;
  #mode: Mode = 'up';
  #port = 0;
  #isListening = false;
  #flapping = new AbortController();

  constructor(random: () => number, onArrival: (n: number) => void) {
    this.#random = random;
    this.#onArrival = onArrival;
    this.#server = createServer((req, res) => void this.#serve(req, res));
    this.#server.keepAliveTimeout = 0;
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    await this.#listen();
  }

  async become(mode: Mode): Promise<void> {
    this.#flapping.abort();
    this.#flapping = new AbortController();
    await this.#turn(mode === 'flapping' ? 'up' : mode);
    if (mode === 'flapping') void this.#flap(this.#flapping.signal);
  }

  /** Resolves when this is so; asked after each event that arrives. */
  async until(isSo: () => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      const check = (): void => {
        if (!isSo()) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  async close(): Promise<void> {
    await this.become('down');
  }

  async #flap(signal: AbortSignal): Promise<void> {
    const modes = ['up', 'down', 'up', 'flapping', 'hanging'] as const;
    for (let i = 0; !signal.aborted; i++) {
      await this.#turn(modes[i % modes.length]!);
      await wait(FLAP_MS * (0.5 + this.#random()), undefined, { signal }).catch(() => undefined);
    }
  }

  async #turn(mode: Mode): Promise<void> {
    const wasHanging = this.#mode === 'hanging';
    this.#mode = mode;
    if (mode === 'down' && this.#isListening) {
      this.#isListening = false;
      const closed = once(this.#server, 'close');
      this.#server.close();
      for (const socket of this.#sockets) socket.destroy();
      await closed;
    } else if (mode !== 'down') {
      if (!this.#isListening) await this.#listen();
      // What hung must not hold up a client that waits for longer than we do.
      if (wasHanging && mode !== 'hanging') for (const socket of this.#sockets) socket.destroy();
    }
  }

  async #listen(): Promise<void> {
    this.#isListening = true;
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk as Buffer);
      // Its way here and back, and what Vero does with it.
      await wait(this.#random() * 8);
      const mode = this.#mode;
      if (mode === 'hanging' || req.socket.destroyed) return;
      if (mode === 'flapping' && this.#random() < 0.3) return void req.socket.destroy();
      if (mode === 'flapping' && this.#random() < 0.4) return void res.writeHead(503).end();
      if (mode === 'down') return void req.socket.destroy();
      const { data } = JSON.parse(Buffer.concat(chunks).toString()) as { data: { n: number } };
      this.deliveries.push({ n: data.n, run: String(req.headers['x-run']) });
      this.received.set(data.n, (this.received.get(data.n) ?? 0) + 1);
      res.writeHead(200, { 'content-type': 'application/json' }).end('{"status":200,"message":"Success."}');
      this.#onArrival(data.n);
      for (const check of [...this.#waiting]) check();
    } catch {
      // The client was killed.
    }
  }
}
