import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';

/** A request whose body came whole. */
export interface Received {
  /** The request line and the headers. */
  readonly head: string;
  readonly path: string;
  readonly text: string;
  /** Which request of its connection it is, counted from 0. */
  readonly nthOfConnection: number;
  /** When, in milliseconds of a clock that is never put. */
  readonly at: number;
  /** When, in milliseconds since 1970. */
  readonly time: number;
}

/** Does something to a connection. `received`: the request whose body came whole, if one did. */
export interface Action {
  (socket: Socket, received: Received | undefined): void;
  /** The status that it answers, if its answer can be understood. */
  readonly status?: number;
}

/** What goes wrong. Everything else is as in a server that is in good order. */
export interface Misbehaviour {
  /** How often it goes wrong. @default 2 */
  readonly times?: number;
  /** Instead of reading anything. */
  readonly onConnect?: Action;
  /** When a request has begun to come. */
  readonly onFirstBytes?: Action;
  /** When a request has come. `undefined`: nothing goes wrong with this one. */
  readonly onRequest?: (received: Received) => Action | undefined;
}

export interface KeyPair {
  readonly key: string;
  readonly cert: string;
}

export const reset: Action = (socket) => void socket.resetAndDestroy();
export const hangUp: Action = (socket) => void socket.end();
export const silence: Action = () => {};

/** Writes this, whatever it is. */
export const raw =
  (text: string): Action =>
  (socket) =>
    void socket.write(text);

export interface AnswerOptions {
  readonly headers?: readonly string[];
  /** @default the request, as a careless server would repeat it */
  readonly body?: string;
  /** Says that the body is so much longer than it is. */
  readonly missingBytes?: number;
  /** What to do when the answer is written. */
  readonly andThen?: Action;
}

export function answer(status: number, options: AnswerOptions = {}): Action {
  const act: Action = (socket, received) => {
    socket.write(responseText(status, options, received));
    options.andThen?.(socket, received);
  };
  return Object.assign(act, { status });
}

/** Sends an answer byte by byte, each as soon as the one before is written. */
export function trickle(status: number): Action {
  const act: Action = (socket, received) => {
    const bytes = Buffer.from(responseText(status, {}, received));
    let next = 0;
    socket.setNoDelay(true);
    const more = (): void => {
      if (socket.destroyed || next >= bytes.length) return;
      socket.write(bytes.subarray(next, ++next), () => setImmediate(more));
    };
    more();
  };
  return Object.assign(act, { status });
}

/** Sends the beginning, and then for ever a byte every few milliseconds. */
export function trickleForever(beginning: string, status?: number): Action {
  const act: Action = (socket) => {
    socket.write(beginning);
    const timer = setInterval(() => socket.write('x'), 20);
    socket.on('close', () => clearInterval(timer));
  };
  return status === undefined ? act : Object.assign(act, { status });
}

function responseText(
  status: number,
  { headers = [], body, missingBytes = 0 }: AnswerOptions,
  received: Received | undefined,
): string {
  const hasBody = status !== 204 && status !== 304;
  const text = hasBody ? (body ?? received?.text ?? '') : '';
  const length = hasBody ? [`content-length: ${Buffer.byteLength(text) + missingBytes}`] : [];
  return `${[`HTTP/1.1 ${status} Said`, ...length, ...headers].join('\r\n')}\r\n\r\n${text}`;
}

const WELL = answer(200, { body: '{"status":200,"message":"Success."}' });
/** Of this machine, and of this process alone: nobody else takes a port of it while nobody listens. */
const OWN_HOST =
  process.platform === 'linux' ? `127.77.${(process.pid >> 8) & 255}.${process.pid & 255}` : '127.0.0.1';
/** Where certificates are for. */
const TLS_HOST = '127.0.0.1';

/** A TCP server that speaks just enough HTTP to be wrong at any place. */
export class MisbehavingServer {
  readonly #misbehaviour: Misbehaviour;
  readonly #host: string;
  readonly #server = createServer({ noDelay: true }, (socket) => this.#connected(socket));
  readonly #sockets = new Set<Socket>();
  #tls: TlsServer | undefined;
  #left: number;
  #port = 0;
  connections = 0;
  /** The requests whose bodies came whole. */
  readonly received: Received[] = [];
  /** The bodies that were answered with 2xx. */
  readonly taken: string[] = [];
  /** Called before each request that is answered as it should be. */
  onWell: () => void = () => {};

  private constructor(misbehaviour: Misbehaviour, host: string) {
    this.#misbehaviour = misbehaviour;
    this.#host = host;
    this.#left = misbehaviour.times ?? 2;
  }

  static async start(
    misbehaviour: Misbehaviour = {},
    { tls = false }: { readonly tls?: boolean } = {},
  ): Promise<MisbehavingServer> {
    const server = new MisbehavingServer(misbehaviour, tls ? TLS_HOST : OWN_HOST);
    await server.restart();
    return server;
  }

  /** Host and port. */
  get address(): string {
    return `${this.#host}:${this.#port}`;
  }

  get url(): string {
    return `http://${this.address}`;
  }

  get port(): number {
    return this.#port;
  }

  /** Listens, at the port that it had. */
  async restart(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, this.#host, resolve);
    });
    const address = this.#server.address();
    if (typeof address === 'object' && address) this.#port = address.port;
  }

  /** Cuts every connection, and listens no more. */
  async stop(): Promise<void> {
    this.cutConnections();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  cutConnections(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** From now on new connections are TLS, with this certificate. */
  speakTls(pair: KeyPair): void {
    this.#tls = createTlsServer(pair, (socket) => this.#talk(socket));
    // A handshake that the client breaks off.
    this.#tls.on('tlsClientError', () => {});
  }

  /** From now on nothing goes wrong. */
  mend(): void {
    this.#left = 0;
  }

  #connected(socket: Socket): void {
    this.connections++;
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    if (this.#goesWrong(this.#misbehaviour.onConnect, socket, undefined)) return;
    if (this.#tls) this.#tls.emit('connection', socket);
    else this.#talk(socket);
  }

  #talk(socket: Socket): void {
    let bytes = Buffer.alloc(0);
    let isLost = false;
    let nthOfConnection = 0;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      if (isLost) return;
      const isFirst = bytes.length === 0;
      bytes = Buffer.concat([bytes, chunk]);
      if (isFirst && this.#goesWrong(this.#misbehaviour.onFirstBytes, socket, undefined)) {
        isLost = true;
        return;
      }
      const headEnds = bytes.indexOf('\r\n\r\n');
      if (headEnds < 0) return;
      const head = bytes.toString('latin1', 0, headEnds);
      const ends = headEnds + 4 + Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
      if (bytes.length < ends) return;
      const text = bytes.toString('utf8', headEnds + 4, ends);
      bytes = bytes.subarray(ends);
      const path = head.split(' ')[1] ?? '';
      const times = { at: performance.now(), time: Date.now() };
      this.#answer(socket, { head, path, text, nthOfConnection: nthOfConnection++, ...times });
    });
  }

  #answer(socket: Socket, received: Received): void {
    this.received.push(received);
    const action = this.#left > 0 ? this.#misbehaviour.onRequest?.(received) : undefined;
    if (this.#goesWrong(action, socket, received)) return;
    this.onWell();
    this.#perform(WELL, socket, received);
  }

  #goesWrong(action: Action | undefined, socket: Socket, received: Received | undefined): boolean {
    if (!action || this.#left <= 0) return false;
    this.#left--;
    this.#perform(action, socket, received);
    return true;
  }

  #perform(action: Action, socket: Socket, received: Received | undefined): void {
    const { status = 0 } = action;
    if (received && status >= 200 && status < 300) this.taken.push(received.text);
    action(socket, received);
  }
}
