import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openMirror } from './database.ts';
import { EventLog, type ReceivedEvent, type ReceivedRequest } from './event-log.ts';
import { type Fault, Faults, MAX_DELAY_MS } from './faults.ts';
import { assertKnown, type InspectorOptions, type Settings, settle } from './options.ts';
import { Router } from './router.ts';
import { Store } from './store.ts';
import { type ReceivedUser, toUser } from './user.ts';

/** Options of {@link Inspector.waitForEvent} and {@link Inspector.waitForEvents}. */
export interface WaitOptions {
  /**
   * Reject after this many milliseconds.
   * @default 5_000
   */
  readonly timeoutMs?: number | undefined;
}

/** A client that sends its request a byte at a time does not hold a connection for ever. */
const SLOWEST = { headersTimeout: 5_000, requestTimeout: 60_000, connectionsCheckingInterval: 1_000 };

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
  return (await openInspector(options)).inspector;
}

/** With what the command needs besides. */
export async function openInspector(
  options: InspectorOptions,
): Promise<{ readonly inspector: Inspector; readonly store: Store }> {
  const settings = settle(options);
  // Long enough that no client reuses a connection just as it is being closed.
  const server = createServer({ keepAliveTimeout: 60_000, ...SLOWEST });
  const mirror = settings.database === undefined ? undefined : await openMirror(settings.database);
  try {
    const store = new Store(settings.maxEvents, settings.dedupeMs === undefined, mirror);
    server.listen(settings.port, settings.host);
    await once(server, 'listening');
    return { inspector: new Inspector(server, settings, store), store };
  } catch (thrown) {
    mirror?.close();
    throw thrown;
  }
}

/** A running local Vero. It never shows a full credential. */
export class Inspector {
  /** Where it listens, for example `http://127.0.0.1:49152`: the base URL for a client. */
  readonly url: string;
  readonly #server: Server;
  readonly #log: EventLog;
  readonly #store: Store;
  readonly #faults: Faults = new Faults(() => this.#router.feed.faultsChanged());
  readonly #router: Router;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(server: Server, settings: Settings, store: Store) {
    const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[settings.host] ?? settings.host;
    this.url = `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`;
    this.#server = server;
    this.#log = new EventLog(settings.maxEvents);
    this.#store = store;
    this.#router = new Router({ url: this.url, settings, log: this.#log, store, faults: this.#faults });
    server.on('request', (req: IncomingMessage, res: ServerResponse) => {
      // A client that leaves before its answer is no failure of ours.
      res.on('error', () => {});
      this.#router.handle(req, res).catch(() => res.destroy());
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

  /** The people that Vero would have now, the ones seen last first. Development mode has its own. */
  users(): readonly ReceivedUser[] {
    return this.#store.people.all().map(toUser);
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
   * The next `count` requests to the Track API (heartbeats aside) get this fault, whatever is in them.
   * @param count default 1
   */
  failNext(fault: Fault, count = 1): void {
    this.#faults.failNext(fault, count);
  }

  /** All requests to the Track API (heartbeats aside) get this fault until the returned function is called. `failNext` and later calls go first. */
  fail(fault: Fault): () => void {
    return this.#faults.fail(fault);
  }

  /** Forgets all events, duplicates, requests and people. Faults stay. */
  clear(): void {
    this.#router.clear();
  }

  /** Ends all connections at once and rejects whoever waits. What was received can still be read. */
  close(): Promise<void> {
    return (this.#closing ??= this.#end());
  }

  /** `await using inspector = await startInspector()` closes it. */
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

  async #end(): Promise<void> {
    this.#log.close();
    this.#faults.close();
    const ended = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await this.#router.close();
    await ended;
    this.#store.close();
  }
}
