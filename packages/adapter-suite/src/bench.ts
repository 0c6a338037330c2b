import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createVero, type Vero, type VeroEvents, type VeroOptions } from '@verotrack/core';
import { type Inspector, startInspector } from '@verotrack/inspector';
import type { Host, HttpMessage, Input, RunningHost, Scenario, Work } from './scenario.ts';

export const TOKEN = 'tok_secret_of_the_adapter_suite';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  /** What the handler gave. */
  readonly result: unknown;
}

export interface Sending {
  /** The user's id; `null` for nobody. @default '42' */
  readonly as?: string | null;
  readonly input?: Input;
}

/** What a client told. */
export interface Told {
  readonly skipped: VeroEvents['skipped'][];
  readonly invalid: VeroEvents['invalid'][];
  readonly error: VeroEvents['error'][];
}

/** An application of one scenario, with the local Vero that its events go to. */
export class Bench {
  readonly inspector: Inspector;
  readonly clients: readonly Vero[];
  readonly told: Told = { skipped: [], invalid: [], error: [] };
  readonly #host: Host;
  readonly #scenario: Scenario;
  readonly #agent: Agent = new Agent({ keepAlive: true, maxSockets: 256 });
  #running: RunningHost | undefined;
  #reached = 0;
  readonly #waiting = new Set<() => void>();

  private constructor(host: Host, scenario: Scenario, inspector: Inspector, options: VeroOptions) {
    this.#host = host;
    this.#scenario = scenario;
    this.inspector = inspector;
    const known = { ...scenario.catalogue, ...options };
    this.clients = Array.from({ length: scenario.clients ?? 1 }, () => this.#client(known));
  }

  static async open(host: Host, scenario: Scenario, options: VeroOptions = {}): Promise<Bench> {
    const inspector = await startInspector();
    const bench = new Bench(host, scenario, inspector, options);
    const { handle } = scenario;
    const counted = (work: Work): unknown => {
      bench.#reached++;
      for (const check of [...bench.#waiting]) check();
      return handle(work);
    };
    bench.#running = await host.start({ ...scenario, handle: counted }, bench.clients);
    return bench;
  }

  /** The client, where there is one. */
  get vero(): Vero {
    const [vero] = this.clients;
    if (!vero) throw new Error('the scenario has no client');
    return vero;
  }

  get url(): string {
    if (!this.#running) throw new Error('the host is not running');
    return this.#running.url;
  }

  /** Resolves when handlers were entered so many times. */
  reached(times = 1): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (this.#reached < times) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  /** Sends a request to the scenario's route. */
  async send(sending: Sending = {}): Promise<Answer> {
    return this.sendMessage(this.message(sending));
  }

  async sendMessage({ method, path, headers, body }: HttpMessage): Promise<Answer> {
    const request = httpRequest(new URL(path, this.url), { method, headers, agent: this.#agent });
    request.end(body);
    const [response] = await once(request, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const { statusCode: status, headers: answered } = response;
    const isResult =
      text !== '' && status < 300 && String(answered['content-type']).startsWith('application/json');
    return {
      status,
      headers: answered,
      body: text,
      result: isResult ? this.#host.resultOf(text) : undefined,
    };
  }

  message({ as = '42', input = {} }: Sending = {}): HttpMessage {
    const message = this.#host.request(this.#scenario, input);
    return { ...message, headers: { ...message.headers, ...(as === null ? {} : { 'x-user': as }) } };
  }

  /** A connection of its own, on which anything can be done. */
  async connect(): Promise<Connection> {
    const socket = connect(Number(new URL(this.url).port), '127.0.0.1');
    await once(socket, 'connect');
    return new Connection(socket, (sending) => this.message(sending));
  }

  /** Resolves when so many events have arrived at the local Vero. */
  async arrived(count: number): Promise<void> {
    await this.inspector.waitForEvents(count, { timeoutMs: 20_000 });
  }

  /** Waits until all work has ended and its events have arrived, and closes the clients. */
  async settle(): Promise<void> {
    for (const vero of this.clients) await vero.close({ timeout: 20_000 });
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    for (const vero of this.clients) await vero.close({ timeout: 0 });
    await this.#running?.close();
    await this.inspector.close();
  }

  #client(options: VeroOptions): Vero {
    const vero = createVero({ authToken: TOKEN, baseUrl: this.inspector.url, ...options });
    for (const name of ['skipped', 'invalid', 'error'] as const) {
      vero.on(name, (it) => void (this.told[name] as unknown[]).push(it));
    }
    return vero;
  }
}

/** One socket to the application. */
export class Connection {
  readonly #socket: Socket;
  readonly #message: (sending?: Sending) => HttpMessage;
  #received = '';

  constructor(socket: Socket, message: (sending?: Sending) => HttpMessage) {
    this.#socket = socket;
    this.#message = message;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1');
    });
  }

  /** Writes requests to the scenario's route, all in one go. */
  write(...sendings: readonly Sending[]): void {
    this.writeMessages(...sendings.map((sending) => this.#message(sending)));
  }

  writeMessages(...messages: readonly HttpMessage[]): void {
    this.#socket.write(messages.map(bytesOf).join(''));
  }

  /** Stops reading, so that the server can't get rid of what it writes. */
  pause(): void {
    this.#socket.pause();
  }

  /** Resolves when this text has arrived so many times. */
  async received(text: string, times = 1): Promise<void> {
    while (this.#received.split(text).length <= times) await once(this.#socket, 'data');
  }

  /** Leaves, as a client that crashed: without a word. */
  leave(): void {
    this.#socket.resetAndDestroy();
  }
}

function bytesOf({ method, path, headers, body = '' }: HttpMessage): string {
  const all = { host: 'localhost', ...headers, 'content-length': String(Buffer.byteLength(body)) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}
