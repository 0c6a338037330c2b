import { type EventFacts, infoOf } from '../event-info.ts';
import type { QueueRecord } from '../queue/contract.ts';
import type { VeroEvents } from '../reporter.ts';
import { ObservedAttempt } from './attempt.ts';
import { channels } from './channels.ts';
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

/** Publishes what happens to the events of one client. Without subscribers nothing is built. */
export class Diagnostics {
  readonly #client: ObservedClient | undefined;

  /** `client`: without it, nothing is published. */
  constructor(client?: ObservedClient) {
    this.#client = client;
  }

  /** The trace context of now, if a subscriber gives it. */
  created(name: string, eventId: string): string | undefined {
    const client = this.#client;
    if (!channels.created.hasSubscribers || !client) return undefined;
    const message: VeroDiagnostics['created'] = { client, name, eventId, trace: undefined };
    channels.created.publish(message);
    const trace: unknown = message.trace;
    return typeof trace === 'string' && trace.length <= LONGEST_TRACE ? trace : undefined;
  }

  /** An event entered the books, or left them for those of others. */
  moved(how: 'accepted' | 'taken' | 'handedOver', facts: EventFacts): void {
    const client = this.#client;
    if (channels[how].hasSubscribers && client) channels[how].publish({ client, event: infoOf(facts) });
  }

  told<What extends keyof Told>(what: What, told: VeroEvents[What]): void {
    const client = this.#client;
    if (!channels[what].hasSubscribers || !client) return;
    channels[what].publish({ client, ...TOLD[what](told) } as never);
  }

  /** An attempt begins; `undefined` when nobody looks. */
  attempt(record: QueueRecord, isQueued: boolean, url: string): ObservedAttempt | undefined {
    const isSeen = channels['attempt:start'].hasSubscribers || channels['attempt:end'].hasSubscribers;
    const client = this.#client;
    if (!isSeen || !client) return undefined;
    const { attempts, trace } = record;
    const event = infoOf(record);
    const observed = new ObservedAttempt({ client, event, attempt: attempts + 1, isQueued, url, trace });
    channels['attempt:start'].publish(observed);
    return observed;
  }
}
