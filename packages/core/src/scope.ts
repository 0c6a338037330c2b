import type { Outcome } from './event.ts';
import type { EventDraft } from './event-factory.ts';
import type { CheckedIdentity } from './identity.ts';

/** The async context of one piece of work: who does it, and what waits for its outcome. */
export class Scope {
  readonly parent: Scope | undefined;
  /** What the work is, for messages: `POST /cart/items`. */
  readonly route: string | undefined;
  /** Events that are sent if the work succeeds. */
  readonly waiting: EventDraft[] = [];
  /** When this scope, those inside it and all their events have ended. */
  readonly completion: Completion;
  /** Says that this scope has ended, as far as its completion is concerned. */
  readonly release: () => void;
  /** Known once the work ended. */
  outcome: Outcome | 'cancelled' | undefined;
  #cancelReason: string | undefined;
  #isCancelled = false;
  #identity: CheckedIdentity | undefined;
  #isAsking = false;
  readonly #identify: (() => CheckedIdentity | undefined) | undefined;

  constructor(options: {
    readonly parent: Scope | undefined;
    readonly route: string | undefined;
    /** Who does it. Without it, the parent is asked. */
    readonly identify: (() => CheckedIdentity | undefined) | undefined;
  }) {
    this.parent = options.parent;
    this.route = options.route;
    this.#identify = options.identify;
    const around = options.parent?.completion;
    this.completion = around && !around.isOver ? around : new Completion();
    this.release = this.completion.hold();
  }

  /** Who does it. Asked until there is a valid answer, which then stays. Throws what `identify` throws. */
  identity(): CheckedIdentity | undefined {
    if (this.#identity) return this.#identity;
    // It would ask itself until the stack is full, and send an event each time.
    if (this.#isAsking) throw new TypeError('it asks for the user that it is to tell, by tracking an event');
    this.#isAsking = true;
    try {
      const answer = this.#identify ? this.#identify() : this.parent?.identity();
      if (answer?.issues.length === 0) this.#identity = answer;
      return answer;
    } finally {
      this.#isAsking = false;
    }
  }

  /** Asks who does it now, before the work changes or forgets them. */
  keepIdentity(): void {
    try {
      this.identity();
    } catch {
      // It is asked again when an event needs it, and told of then.
    }
  }

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** What `cancelTracking` was given first. */
  get cancelReason(): string | undefined {
    return this.#cancelReason;
  }

  cancel(reason: string | undefined): void {
    this.#isCancelled = true;
    this.#cancelReason ??= reason;
  }
}

/** Counts what is under way, and tells when nothing is left. */
export class Completion {
  #holds = 0;
  #isOver = false;
  #ended: (() => void) | undefined;

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Something began; the returned function says that it ended. */
  hold(): () => void {
    this.#holds++;
    return () => {
      if (--this.#holds > 0) return;
      this.#isOver = true;
      this.#ended?.();
    };
  }

  whenOver(): Promise<void> {
    return new Promise((resolve) => {
      this.#ended = resolve;
    });
  }
}
