import type {
  EventCatalogue,
  EventInput,
  EventName,
  IdentityDefinition,
  IdentityInput,
  OpenCatalogue,
  OpenIdentity,
} from './catalogue.ts';
import type { DeliveryCounters } from './delivery/ledger.ts';
import type { EventArguments, Identity, SkipReason } from './event.ts';
import type { DeadLetters } from './queue/contract.ts';
import type { PauseReason, VeroEvents, VeroListener } from './reporter.ts';

/** What became of the events while a client was flushed or closed. */
export interface FlushResult {
  /** Vero has them. */
  readonly delivered: number;
  /** Vero will never take them: they are dead letters. */
  readonly rejected: number;
  /** They were accepted and given up; see {@link DropReason}. */
  readonly dropped: number;
  /** Left to a queue that others share, or that outlives the process. */
  readonly handedOver: number;
  /** Accepted, and not ended yet. */
  readonly pending: number;
  /** Declared or `trackOnSuccess` events whose work has not ended: not accepted yet. */
  readonly deferred: number;
}

/** Counters of one client since it was made. `accepted + taken = delivered + rejected + dropped + handedOver + pending`. */
export interface VeroStats extends Readonly<DeliveryCounters> {
  /** Accepted or taken, and not ended yet. */
  readonly pending: number;
  /** Refused by validation, and never accepted. */
  readonly invalid: number;
  /** Not sent although nothing was wrong, by reason; a reason that never was is missing. */
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** Declared or `trackOnSuccess` events whose work has not ended. */
  readonly deferred: number;
  /** Requests, calls and `run`s that have not ended. */
  readonly openScopes: number;
  /** Why delivery waits; `undefined` while it does not. */
  readonly paused: PauseReason | undefined;
  /** For how long the oldest pending event has waited, in milliseconds; `undefined` when none is pending. */
  readonly oldestPendingMs: number | undefined;
}

/** Whether events get through, for a readiness check or an alert. */
export interface VeroHealth {
  /** Whether there is no reason against it. */
  readonly ok: boolean;
  /** Why it is not ok, in words. */
  readonly reasons: readonly string[];
  /** For how long the oldest pending event has waited, in milliseconds; `undefined` when none is pending. */
  readonly oldestPendingMs: number | undefined;
  /** Accepted or taken, and not ended yet. */
  readonly pending: number;
  /** Why delivery waits; `undefined` while it does not. */
  readonly paused: PauseReason | undefined;
}

/** The options of `run`. */
export interface RunScope<User = Identity> {
  /**
   * Who does the work. Given but `null` or `undefined`: nobody.
   * @default the identity of the scope around it
   */
  readonly identity?: User | null | undefined;
}

/** How long `send` may take. */
export interface SendLimits {
  /** For all attempts together, in milliseconds. @default 30_000 */
  readonly timeoutMs?: number | undefined;
}

/** How long `flush` and `close` may take. */
export interface FlushLimits {
  /** In milliseconds. @default 30_000 for `flush`, 10_000 for `close` */
  readonly timeout?: number | undefined;
}

/** What every client has, whatever events it knows. */
export interface AnyVero {
  /** Makes the innermost scope's outcome no success: none of its declared and `trackOnSuccess` events is sent. */
  cancelTracking(reason?: string): void;
  /** Who the innermost scope's user is: a copy; `undefined` for nobody, and outside any scope. */
  identity(): Readonly<Record<string, unknown>> | undefined;
  /**
   * Waits for the callbacks of work that has ended, and for everything accepted before or during the call.
   *
   * @returns what happened during the call, and what is left
   * @throws {VeroError} `VERO_CONFIG` for bad limits
   */
  flush(limits?: FlushLimits): Promise<FlushResult>;
  /**
   * Waits for open scopes, stops accepting, flushes, and gives up what is left at its timeout. Calling it again gives
   * the same promise.
   *
   * @returns what happened during the call, and what is left
   * @throws {VeroError} `VERO_CONFIG` for bad limits, which leave the client open
   */
  close(limits?: FlushLimits): Promise<FlushResult>;
  /** `await using vero = createVero()` closes it, with the limits of `close` by default. */
  [Symbol.asyncDispose](): Promise<void>;
  /** Counts since the client was made. Cheap, and no I/O. */
  stats(): VeroStats;
  /**
   * Whether events get through. Not `ok` when the client is closed, while delivery is paused, and when the oldest pending
   * event has waited for over five minutes.
   */
  health(): VeroHealth;
  /** Events that Vero will never take, or that grew too old. */
  readonly deadLetters: DeadLetters;
  /**
   * Listens to what becomes of events. A listener that throws is contained.
   *
   * @returns a function that stops listening
   * @throws {VeroError} `VERO_CONFIG` for a name that is none of {@link VeroEvents}, or a listener that is no function
   */
  on<What extends keyof VeroEvents>(name: What, listener: VeroListener<What>): () => void;
}

/** Delivers what others put into a queue that they share. */
export interface VeroWorker
  extends Pick<AnyVero, 'close' | 'stats' | 'health' | 'deadLetters' | 'on' | typeof Symbol.asyncDispose> {}

/**
 * Tracks events. Made by `createVero`.
 *
 * @typeParam Events - the catalogue of the events that it knows: `Vero<typeof events>`
 * @typeParam User - the definition of its users: `Vero<typeof events, typeof identity>`
 */
export interface Vero<
  // Neither more nor less: who has a client of another catalogue might track what this one refuses.
  in out Events extends EventCatalogue = OpenCatalogue,
  in out User extends IdentityDefinition = OpenIdentity,
> extends AnyVero {
  /** Never there: by its type a client of one catalogue is told from that of another, also one that can do more. */
  readonly '~types'?: ((events: Events, user: User) => readonly [Events, User]) | undefined;
  /** Accepts an event, to be delivered in the background. Never throws; problems are told to `on` or the logger. */
  readonly track: <Name extends keyof Events['definitions'] & string>(
    name: Name,
    ...options: EventArguments<EventInput<Events, Name>, IdentityInput<User>>
  ) => void;
  /**
   * Sends an event past the queue, with a short retry of its own. A client that is not `enabled` sends nothing.
   *
   * @returns a promise that resolves when Vero has the event
   * @throws {InvalidEventError} the event was wrong
   * @throws {DeliveryError} Vero refused it, could not be reached, or delivery is paused
   * @throws {VeroError} `VERO_NO_IDENTITY`, `VERO_NOT_SENT`, `VERO_CALLBACK_FAILED`, or `VERO_CONFIG` for bad limits
   */
  readonly send: <Name extends keyof Events['definitions'] & string>(
    name: Name,
    ...options: [...EventArguments<EventInput<Events, Name>, IdentityInput<User>>, limits?: SendLimits]
  ) => Promise<void>;
  /**
   * An event that is sent when the innermost scope (request, tRPC call, `run`) ends with success, and not otherwise.
   * Its data is taken now.
   */
  readonly trackOnSuccess: <Name extends keyof Events['definitions'] & string>(
    name: Name,
    ...options: EventArguments<EventInput<Events, Name>, IdentityInput<User>>
  ) => void;
  /**
   * Runs `work` in a scope: inside it events know their user, and `trackOnSuccess` its outcome, which is how `work`
   * settles. Gives back what `work` gives, and throws what it throws.
   *
   * @throws {VeroError} `VERO_CONFIG` for a bad scope, before `work` begins
   */
  run<T>(scope: RunScope<IdentityInput<User>>, work: () => T): T;
  /**
   * Listens to what becomes of events. A listener that throws is contained.
   *
   * @returns a function that stops listening
   * @throws {VeroError} `VERO_CONFIG` for a name that is none of {@link VeroEvents}, or a listener that is no function
   */
  on<What extends keyof VeroEvents>(name: What, listener: VeroListener<What, EventName<Events>>): () => void;
}
