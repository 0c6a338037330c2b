import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DuplicateFilter } from './duplicates.ts';
import { EventLog, type ReceivedEvent, type ReceivedRequest } from './event-log.ts';
import { type Answer, type Fault, Faults, isHandled, MAX_DELAY_MS, respond, statusSeen } from './faults.ts';
import { attempt, endpointOf, pathOf, Refusal, readBody } from './http.ts';
import { assertKnown, type InspectorOptions, type Settings, settle } from './options.ts';
import { type ParsedBody, parseBody, toEvent } from './track-request.ts';

/** Options of {@link Inspector.waitForEvent} and {@link Inspector.waitForEvents}. */
export interface WaitOptions {
  /**
   * Reject after this many milliseconds.
   * @default 5_000
   */
  readonly timeoutMs?: number | undefined;
}

const SUCCESS: Answer = { status: 200, message: 'Success.' };

/**
 * Starts a local Vero: an HTTP server that takes events as Vero's Track API does, and keeps them in memory.
 *
 * @example
 * const inspector = await startInspector();
 * // … send events to inspector.url …
 * const event = await inspector.waitForEvent('user_signed_up');
 * await inspector.close();
 */
export async function startInspector(options: InspectorOptions = {}): Promise<Inspector> {
  const settings = settle(options);
  // Long enough that no client reuses a connection just as it is being closed.
  const server = createServer({ keepAliveTimeout: 60_000 });
  server.listen(settings.port, settings.host);
  await once(server, 'listening');
  return new Inspector(server, settings);
}

/** A running local Vero. It never shows a full credential. */
export class Inspector {
  /** Where it listens, for example `http://127.0.0.1:49152`: the base URL for a client. */
  readonly url: string;
  readonly #settings: Settings;
  readonly #server: Server;
  readonly #log: EventLog;
  readonly #filter: DuplicateFilter | undefined;
  readonly #faults: Faults = new Faults();
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(server: Server, settings: Settings) {
    const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[settings.host] ?? settings.host;
    this.url = `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`;
    this.#settings = settings;
    this.#server = server;
    this.#log = new EventLog(settings.maxEvents);
    this.#filter = settings.dedupeMs === undefined ? undefined : new DuplicateFilter(settings.dedupeMs);
    server.on('request', (req, res) => {
      // A client that leaves before its answer is no failure of ours.
      res.on('error', () => {});
      this.#handle(req, res).catch(() => res.destroy());
    });
  }

  /** The events received, in order of arrival. */
  events(): readonly ReceivedEvent[] {
    return this.#log.events;
  }

  /** The events dropped as duplicates: none without the option `dedupe`. */
  duplicates(): readonly ReceivedEvent[] {
    return this.#log.duplicates;
  }

  /** Every request that was answered or got a fault, in order. */
  requests(): readonly ReceivedRequest[] {
    return this.#log.requests;
  }

  /** Resolves with the first event of this exact name, or that the function takes: one already there, or a later one. */
  waitForEvent(
    nameOrPredicate: string | ((event: ReceivedEvent) => boolean),
    options?: WaitOptions,
  ): Promise<ReceivedEvent> {
    const isNamed = typeof nameOrPredicate === 'string';
    const isWanted = isNamed ? ({ name }: ReceivedEvent) => name === nameOrPredicate : nameOrPredicate;
    const failure = isNamed ? `no event ${JSON.stringify(nameOrPredicate)}` : 'no such event';
    return this.#wait((candidates) => candidates.find((event) => isWanted(event)), failure, options);
  }

  /** Resolves with all events once at least `count` were received since the start or the last `clear`. */
  waitForEvents(count: number, options?: WaitOptions): Promise<readonly ReceivedEvent[]> {
    const enough = () => (this.#log.total >= count ? this.events() : undefined);
    return this.#wait(enough, `fewer than ${count} events`, options);
  }

  /**
   * The next `count` track requests get this fault, whatever is in them.
   * @param count default 1
   */
  failNext(fault: Fault, count = 1): void {
    this.#faults.failNext(fault, count);
  }

  /** All track requests get this fault until the returned function is called. `failNext` and later calls go first. */
  fail(fault: Fault): () => void {
    return this.#faults.fail(fault);
  }

  /** Forgets all events, duplicates and requests. Faults stay. */
  clear(): void {
    this.#log.clear();
    this.#filter?.clear();
  }

  /** Ends all connections at once and rejects whoever waits. What was received can still be read. */
  close(): Promise<void> {
    return (this.#closing ??= new Promise((resolve) => {
      this.#log.close();
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #wait<T>(
    find: (candidates: readonly ReceivedEvent[]) => T | undefined,
    failure: string,
    options: WaitOptions = {},
  ): Promise<T> {
    assertKnown('waitForEvent', options, ['timeoutMs']);
    const { timeoutMs = 5_000 } = options;
    if (!(timeoutMs >= 0 && timeoutMs <= MAX_DELAY_MS)) throw new RangeError('timeoutMs is out of range');
    const found = await this.#log.wait(find, timeoutMs);
    if (found !== undefined) return found;
    const names = this.#log.events.slice(-10).map(({ name }) => JSON.stringify(name));
    const refused = this.#log.requests.findLast(({ message }) => message !== undefined);
    throw new Error(
      `After ${timeoutMs} ms there is ${failure}. Received: ${names.join(', ') || 'nothing'}.` +
        (refused ? ` Last refused: ${refused.message}` : ''),
    );
  }

  async #handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const bytes = await readBody(req, this.#settings.maxBodyBytes);
    const receivedAt = new Date();
    const endpoint = attempt(() => endpointOf(req, this.#settings.isLocal));
    const isTrack = endpoint === 'track';
    const fault = isTrack ? this.#faults.take() : undefined;
    const parsed = isTrack ? attempt(() => parseBody(req.headers, bytes)) : undefined;

    let answer = endpoint instanceof Refusal ? endpoint : SUCCESS;
    if (parsed && isHandled(fault)) {
      answer = parsed instanceof Refusal ? parsed : attempt(() => this.#store(parsed, receivedAt));
    }
    const payload = parsed instanceof Refusal ? undefined : parsed;
    this.#log.addRequest({
      receivedAt,
      method: req.method ?? '',
      path: pathOf(req),
      status: statusSeen(fault, answer),
      message: answer instanceof Refusal ? answer.message : undefined,
      fault,
      eventName: payload?.eventName,
      attempt: payload && this.#log.countAttempt(payload.fingerprint),
    });
    respond(res, answer, fault);
  }

  #store(parsed: ParsedBody, receivedAt: Date): Answer {
    const event = toEvent(parsed, receivedAt, this.#settings.authToken);
    if (this.#filter?.isDuplicate(event, parsed.credential)) this.#log.addDuplicate(event);
    else this.#log.addEvent(event);
    return SUCCESS;
  }
}
