import { Bounded } from './bounded.ts';
import type { Fault } from './faults.ts';

/** An event as it arrived. Frozen, and without the credential. */
export interface ReceivedEvent {
  /** When it arrived. */
  readonly receivedAt: Date;
  /** The event's name, as it was sent. */
  readonly name: string;
  /** Who did it; the id as text. */
  readonly identity: Readonly<Record<string, unknown>> & { readonly id: string };
  /** What describes it; `undefined` where nothing was sent. */
  readonly data: Readonly<Record<string, unknown>> | undefined;
  /** Whether it was sent with `development_mode: true`. */
  readonly developmentMode: boolean;
  /** `extras` as they were sent: `created_at`, `source`, `vero_conv`. */
  readonly extras: Readonly<Record<string, unknown>> | undefined;
  /** The whole JSON body, without the credential. */
  readonly body: Readonly<Record<string, unknown>>;
  /** `…` and the credential's last four characters; fewer of a very short one. */
  readonly credential: string;
}

/** A request that was answered or got a fault. */
export interface ReceivedRequest {
  /** When it arrived. */
  readonly receivedAt: Date;
  /** Its HTTP method. */
  readonly method: string;
  /** Without the query string, which may hold a credential. */
  readonly path: string;
  /** The status of the answer; `undefined` when none was sent. */
  readonly status: number | undefined;
  /** Why it was refused. */
  readonly message: string | undefined;
  /** What {@link Inspector.fail} or {@link Inspector.failNext} made of it. */
  readonly fault: Fault | undefined;
  /** The name of the event in a track request, if it could be read. */
  readonly eventName: string | undefined;
  /** How often this very payload, the credential aside, has come in a track request: 2 is the first retry. */
  readonly attempt: number | undefined;
}

type Check = (candidates: readonly ReceivedEvent[]) => void;

/** Keeps what was received, up to a limit, and tells those who wait. */
export class EventLog {
  readonly #limit: number;
  readonly #events: Bounded<ReceivedEvent>;
  readonly #duplicates: Bounded<ReceivedEvent>;
  readonly #requests: Bounded<ReceivedRequest>;
  readonly #attempts = new Map<string, number>();
  readonly #waiting = new Map<Check, (reason: Error) => void>();
  #total = 0;
  #closed = false;

  constructor(limit: number) {
    this.#limit = limit;
    this.#events = new Bounded(limit);
    this.#duplicates = new Bounded(limit);
    this.#requests = new Bounded(limit);
  }

  get events(): readonly ReceivedEvent[] {
    return [...this.#events].map(copy);
  }

  get duplicates(): readonly ReceivedEvent[] {
    return [...this.#duplicates].map(copy);
  }

  get requests(): readonly ReceivedRequest[] {
    return [...this.#requests].map(copy);
  }

  /** Events received since the last `clear`, forgotten ones included. */
  get total(): number {
    return this.#total;
  }

  addEvent(event: ReceivedEvent, weight: number): void {
    this.#events.push(event, weight);
    this.#total += 1;
    for (const check of [...this.#waiting.keys()]) check([event]);
  }

  addDuplicate(event: ReceivedEvent, weight: number): void {
    this.#duplicates.push(event, weight);
  }

  addRequest(request: ReceivedRequest): void {
    this.#requests.push(request, 0);
  }

  countAttempt(fingerprint: string): number {
    const attempt = (this.#attempts.get(fingerprint) ?? 0) + 1;
    // To the end, so that the one seen longest ago is forgotten first.
    this.#attempts.delete(fingerprint);
    this.#attempts.set(fingerprint, attempt);
    const [oldest] = this.#attempts.keys();
    if (this.#attempts.size > this.#limit && oldest) this.#attempts.delete(oldest);
    return attempt;
  }

  /** Resolves with what `find` finds in the events so far or in a later one; with `undefined` after `timeoutMs`. */
  wait<T>(
    find: (candidates: readonly ReceivedEvent[]) => T | undefined,
    timeoutMs: number,
  ): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const settle = (how: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        how();
      };
      const fail = (reason: unknown) => settle(() => reject(reason));
      const check: Check = (candidates) => {
        try {
          const found = find(candidates.map(copy));
          if (found !== undefined) settle(() => resolve(found));
        } catch (thrown) {
          fail(thrown);
        }
      };
      const timer = setTimeout(() => settle(() => resolve(undefined)), timeoutMs);
      this.#waiting.set(check, fail);
      check([...this.#events]);
      if (this.#closed) fail(closed());
    });
  }

  clear(): void {
    for (const list of [this.#events, this.#duplicates, this.#requests]) list.clear();
    this.#attempts.clear();
    this.#total = 0;
  }

  close(): void {
    this.#closed = true;
    for (const fail of [...this.#waiting.values()]) fail(closed());
  }
}

/** A frozen object's Date can still be changed: everyone gets their own. */
function copy<T extends { readonly receivedAt: Date }>(entry: T): T {
  return Object.freeze({ ...entry, receivedAt: new Date(entry.receivedAt) });
}

function closed(): Error {
  return new Error('The inspector was closed.');
}
