import type { VeroErrorCode } from '../errors.ts';
import type { SkipReason } from '../event.ts';
import type { EventInfo } from '../event-info.ts';
import type { QueueCounts } from '../queue/contract.ts';
import type { DropReason, PauseReason } from '../reporter.ts';
import type { VeroHealth, VeroStats } from '../vero.ts';

/** A client, or a worker, as subscribers see it: the same object in all its messages. */
export interface ObservedClient {
  /** `worker`: it only delivers what others put into a queue that they share. */
  readonly role: 'client' | 'worker';
  /** Its option `project`. */
  readonly project: string;
  /** Its counters, what waits, and for how long. */
  stats(): VeroStats;
  /** Whether it is well. */
  health(): VeroHealth;
  /** What its queue holds, for everybody who shares it. A queue in a database is asked there. */
  queueCounts(): Promise<QueueCounts>;
}

/** What every message says. */
export interface ClientMessage {
  /** Whose message it is. */
  readonly client: ObservedClient;
}

/** About an event that was accepted. */
export interface EventMessage extends ClientMessage {
  /** Which event: its name, its id, and when it was accepted. */
  readonly event: EventInfo;
}

/**
 * An event was made, by `track`, `trackOnSuccess`, `send`, an outbox or a declaration. It is not accepted yet, and may
 * never be. The message comes in the async context of the code that made it: that of the request.
 */
export interface CreatedMessage extends ClientMessage {
  /** The event's name. */
  readonly name: string;
  /** The event's id, which it keeps. */
  readonly eventId: string;
  /**
   * To be set by a subscriber: the W3C trace context (`traceparent`) of now. It is kept with the event in every queue, and
   * comes back with its attempts, in whichever process they are made. Only a string of up to 255 characters is kept.
   */
  trace: string | undefined;
}

/** Vero has the event. */
export interface DeliveredMessage extends EventMessage {
  /** Attempts that count for the event, this one included. */
  readonly attempts: number;
  /** An earlier attempt may have reached Vero too long ago to be recognised. */
  readonly possiblyDuplicate: boolean;
}

/** An attempt failed, and will be made again. */
export interface RetryingMessage extends EventMessage {
  /** What went wrong, as in {@link AttemptEnd.failure}; or `VERO_CREDENTIAL`: the `authToken` function failed. */
  readonly failure: string;
  /** When it is made again, in milliseconds from now; a pause may make it later. */
  readonly delayMs: number;
}

/** Vero will never take the event, which is a dead letter now. */
export interface RejectedMessage extends EventMessage {
  /** The status that Vero answered. */
  readonly failure: string;
}

/** The event was accepted and given up. */
export interface DroppedMessage extends EventMessage {
  /** Why it was given up. */
  readonly reason: DropReason;
  /** Whether the fate of an attempt is unknown. */
  readonly possiblyDelivered: boolean;
}

/** An event was refused by validation, and never accepted. */
export interface InvalidMessage extends ClientMessage {
  /** The event's name, as it was given. */
  readonly name: string;
}

/** Nothing was wrong, and nothing was sent. */
export interface SkippedMessage extends ClientMessage {
  /** The event's name; those of a declaration of several are joined by ` or `. */
  readonly name: string;
  /** Why not. */
  readonly reason: SkipReason;
}

/** Delivery waits, and events are kept. */
export interface PausedMessage extends ClientMessage {
  /** Why it waits. */
  readonly reason: PauseReason;
  /** When it is tried again, in milliseconds from now. */
  readonly retryInMs: number;
}

/** The pause is over. */
export interface ResumedMessage extends ClientMessage {
  /** Why it had waited. */
  readonly reason: PauseReason;
}

/** Something else went wrong, and was contained. */
export interface ErrorMessage extends ClientMessage {
  /** What kind of error. */
  readonly code: VeroErrorCode;
  /** The name of the event, where it was about one. */
  readonly name: string | undefined;
  /** The callback that failed, where it was one. */
  readonly callback: string | undefined;
}

/** How an attempt ended. */
export interface AttemptEnd {
  /** Vero's HTTP status; `undefined` when no answer came. */
  readonly status: number | undefined;
  /**
   * What went wrong: the status of an answer that was no success (`'503'`), the code of an error (`'ECONNREFUSED'`),
   * `'timeout'`, `'aborted'` (the client was closed) or `'unknown'`. `undefined` when Vero has the event.
   */
  readonly failure: string | undefined;
  /** In milliseconds. */
  readonly durationMs: number;
}

/** One attempt to deliver an event: the same object at its start and at its end. */
export interface AttemptMessage extends EventMessage {
  /** From 1 on. Attempts that a pause swallowed are not counted. */
  readonly attempt: number;
  /** `false`: `send` makes it, in the async context of its caller. */
  readonly isQueued: boolean;
  /** Where it goes. */
  readonly url: string;
  /** What a subscriber of `verotrack:created` set. */
  readonly trace: string | undefined;
  /** How it ended; `undefined` at its start. */
  readonly end: AttemptEnd | undefined;
  /**
   * At the start: has the transport called inside `around`, which is to call what it gets, at once, and so to put it into an
   * async context. What it returns or throws is of no importance.
   */
  runInside(around: (send: () => void) => void): void;
}

/** The message of each channel. The channel's name is `verotrack:` and the name here. */
export interface VeroDiagnostics {
  /** An event was made; asks for its trace context. */
  created: CreatedMessage;
  /** A client has taken responsibility for an event. */
  accepted: EventMessage;
  /** A client or a worker got from its queue what another process, an earlier run or a replay put there. */
  taken: EventMessage;
  /** An event was left to a queue that outlives the client, or that others deliver from. */
  handedOver: EventMessage;
  /** Vero has an event. */
  delivered: DeliveredMessage;
  /** An attempt failed, and will be made again. */
  retrying: RetryingMessage;
  /** Vero will never take an event. */
  rejected: RejectedMessage;
  /** An event was accepted and given up. */
  dropped: DroppedMessage;
  /** An event was refused by validation. */
  invalid: InvalidMessage;
  /** Nothing was wrong, and nothing was sent. */
  skipped: SkippedMessage;
  /** Delivery waits. */
  paused: PausedMessage;
  /** A pause is over. */
  resumed: ResumedMessage;
  /** Something else went wrong, and was contained. */
  error: ErrorMessage;
  /** An attempt begins. */
  'attempt:start': AttemptMessage;
  /** It has ended. */
  'attempt:end': AttemptMessage;
}
