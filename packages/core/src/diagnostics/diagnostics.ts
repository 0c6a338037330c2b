import { type EventFacts, infoOf } from '../event-info.ts';
import type { QueueRecord } from '../queue/contract.ts';
import type { VeroEvents } from '../reporter.ts';
import { ObservedAttempt } from './attempt.ts';
import { channels, warnOfSubscriber } from './channels.ts';
import { failureOf } from './failure.ts';
import type { ObservedClient, VeroDiagnostics } from './messages.ts';

/** What of the things that a client tells goes on to channels: never a value of a payload, an identity or the credential. */
type Told = {
  readonly [What in keyof VeroEvents & keyof VeroDiagnostics]: (
    told: VeroEvents[What],
  ) => Omit<VeroDiagnostics[What], 'client'>;
};

// Errors hold the event, and Vero's answer may repeat it: only what kind of failure it was goes on.
const TOLD: Told = {
  delivered: ({ event, attempts, possiblyDuplicate }) => ({ event, attempts, possiblyDuplicate }),
  retrying: ({ event, error, delayMs }) => ({ event, failure: failureOf(error), delayMs }),
  rejected: ({ event, error }) => ({ event, failure: failureOf(error) }),
  dropped: ({ event, reason, possiblyDelivered }) => ({ event, reason, possiblyDelivered }),
  invalid: ({ name }) => ({ name }),
  // What `cancelTracking` was given, and routes with their parameters, are the application's own words.
  skipped: ({ name, reason }) => ({ name, reason }),
  paused: ({ reason, retryInMs }) => ({ reason, retryInMs }),
  resumed: ({ reason }) => ({ reason }),
  error: ({ error, name, callback }) => ({ code: error.code, name, callback }),
};

const LONGEST_TRACE = 255;
/** A subscriber that tracks an event may cause what it is told of. So often it is a loop, which would end with the stack. */
const MAX_DEPTH = 10;

/** Publishes what happens to the events of one client. Without subscribers nothing is built. */
export class Diagnostics {
  readonly #client: ObservedClient | undefined;
  /** How many messages are being published, each because of the one before. */
  #depth = 0;
  #hasWarned = false;

  /** `client`: without it, nothing is published. */
  constructor(client?: ObservedClient) {
    this.#client = client;
  }

  /** The trace context of now, if a subscriber gives it. */
  created(name: string, eventId: string): string | undefined {
    const client = this.#client;
    if (!channels.created.hasSubscribers || !client) return undefined;
    const message: VeroDiagnostics['created'] = { client, name, eventId, trace: undefined };
    this.#publish('created', message);
    const trace: unknown = message.trace;
    return typeof trace === 'string' && trace.length <= LONGEST_TRACE ? trace : undefined;
  }

  /** An event entered the books, or left them for those of others. */
  moved(how: 'accepted' | 'taken' | 'handedOver', facts: EventFacts): void {
    const client = this.#client;
    if (channels[how].hasSubscribers && client) this.#publish(how, { client, event: infoOf(facts) });
  }

  told<What extends keyof Told>(what: What, told: VeroEvents[What]): void {
    const client = this.#client;
    if (!channels[what].hasSubscribers || !client) return;
    this.#publish(what, { client, ...TOLD[what](told) } as never);
  }

  /** An attempt begins; `undefined` when nobody looks. */
  attempt(record: QueueRecord, isQueued: boolean, url: string): ObservedAttempt | undefined {
    const isSeen = channels['attempt:start'].hasSubscribers || channels['attempt:end'].hasSubscribers;
    const client = this.#client;
    if (!isSeen || !client) return undefined;
    const { attempts, trace } = record;
    const event = infoOf(record);
    const observed = new ObservedAttempt({ client, event, attempt: attempts + 1, isQueued, url, trace });
    this.#publish('attempt:start', observed);
    return observed;
  }

  #publish<What extends keyof VeroDiagnostics>(what: What, message: VeroDiagnostics[What]): void {
    if (this.#depth >= MAX_DEPTH) {
      if (!this.#hasWarned) {
        this.#hasWarned = true;
        warnOfSubscriber(what, 'causes what it is told of, again and again: it is not told of it any more');
      }
      return;
    }
    this.#depth++;
    // It never throws: Node contains what a subscriber throws.
    channels[what].publish(message);
    this.#depth--;
  }
}
