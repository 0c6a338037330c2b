import type { EventInfo } from '../event-info.ts';
import { containRejection } from '../within.ts';
import { channels } from './channels.ts';
import type { AttemptEnd, AttemptMessage, ObservedClient } from './messages.ts';

type Facts = Pick<AttemptMessage, 'client' | 'event' | 'attempt' | 'isQueued' | 'url' | 'trace'>;

/** An attempt that somebody looks at. */
export class ObservedAttempt implements AttemptMessage {
  readonly client: ObservedClient;
  readonly event: EventInfo;
  readonly attempt: number;
  readonly isQueued: boolean;
  readonly url: string;
  readonly trace: string | undefined;
  end: AttemptEnd | undefined;
  readonly #startedAt = performance.now();
  readonly #around: ((send: () => void) => void)[] = [];

  constructor({ client, event, attempt, isQueued, url, trace }: Facts) {
    this.client = client;
    this.event = event;
    this.attempt = attempt;
    this.isQueued = isQueued;
    this.url = url;
    this.trace = trace;
  }

  runInside(around: (send: () => void) => void): void {
    this.#around.push(around);
  }

  /** Calls `send` inside what subscribers asked for: once, whatever they do. */
  run<T>(send: () => T): T {
    let outcome: (() => T) | undefined;
    let inner = (): void => {
      outcome ??= outcomeOf(send);
    };
    for (const around of this.#around) {
      const within = inner;
      inner = () => {
        try {
          containRejection(around(within), () => undefined);
        } catch {
          // A subscriber's error is not the attempt's.
        }
        if (!outcome) within();
      };
    }
    inner();
    return (outcome ?? send)();
  }

  ended(status: number | undefined, failure: string | undefined): void {
    this.end = { status, failure, durationMs: performance.now() - this.#startedAt };
    channels['attempt:end'].publish(this);
  }
}

/** What `work` gave or threw, to be given or thrown again. */
function outcomeOf<T>(work: () => T): () => T {
  try {
    const value = work();
    return () => value;
  } catch (thrown) {
    return () => {
      throw thrown;
    };
  }
}
