/**
 * Who did it: a set of user attributes. Every attribute but `id` and `email` stays on the user's Vero profile
 * until it is overwritten.
 */
export interface Identity {
  /** Unique id of the user: a non-empty string of under 255 characters; numbers are sent as strings. */
  readonly id: string | number | bigint;
  /** Recommended by Vero. Left out, and told, when it is not a valid address. */
  readonly email?: string | null | undefined;
  readonly [attribute: string]: unknown;
}

/** What describes an event, seen only in the scope of that event: any object that JSON can say, but no list. */
export type EventData =
  | Readonly<Record<string, unknown>>
  // Interfaces have no index signature; lists have an iterator, and functions can be bound.
  | (object & { readonly [Symbol.iterator]?: never; readonly bind?: never });

/** The options of one event, beside its data. */
export interface CommonEventOptions<User = Identity> {
  /**
   * Who did it. Given but `null` or `undefined`: nobody, and nothing is sent.
   * @default the identity of the scope
   */
  readonly identity?: User | null | undefined;
  /**
   * When it happened: a Date, an ISO 8601 string with its offset from UTC, or milliseconds since 1970.
   * @default now
   */
  readonly createdAt?: Date | string | number | undefined;
  /**
   * Identifies this event through every retry and restart.
   * @default a UUID of version 7
   */
  readonly eventId?: string | undefined;
  /** Free text that Vero keeps as the event's source (`extras.source`). */
  readonly source?: string | undefined;
  /** Vero's conversion id (`extras.vero_conv`). */
  readonly conversionId?: string | undefined;
  /**
   * Put the event's id into `data._event_id`, so that two look-alike events inside Vero's deduplication window
   * (same user, name and data within minutes) both count.
   * @default the client's `unique`
   */
  readonly unique?: boolean | undefined;
}

/** The options of one event. */
export interface EventOptions<Data = EventData | null | undefined, User = Identity>
  extends CommonEventOptions<User> {
  /** What describes it. @default nothing */
  readonly data?: Data;
}

/** The options of an event whose data is required. */
export interface EventOptionsWithData<Data, User = Identity> extends CommonEventOptions<User> {
  /** What describes it. */
  readonly data: Data;
}

/** What follows the name of an event: its options, which may only be missing where its data may. */
export type EventArguments<Data, User = Identity> = undefined extends Data
  ? [options?: EventOptions<Data, User>]
  : [options: EventOptionsWithData<Data, User>];

/** An event on its way to being accepted, as `beforeAccept` sees it. A copy: changing it changes nothing else. */
export interface PendingEvent {
  /** The event's name. */
  readonly name: string;
  /** Identifies the event through every retry and restart. */
  readonly eventId: string;
  /** Who did it. It may be changed, or replaced. */
  identity: Identity;
  /** What describes it; `undefined` where there is nothing. It may be changed, or replaced. */
  data: Record<string, unknown> | undefined;
  /** When it happened: ISO 8601, UTC. */
  readonly createdAt: string;
  /** Free text that Vero keeps as its source. */
  source: string | undefined;
  /** Vero's conversion id. */
  conversionId: string | undefined;
}

/** What became of a piece of work. */
export type Outcome = 'success' | 'failure' | 'aborted';

/**
 * Why an event was not sent although nothing was wrong with it.
 *
 * - `disabled`: the client is off
 * - `no-identity`: nobody was logged in
 * - `no-scope`: `trackOnSuccess` outside any scope
 * - `refused`: `beforeAccept` said no, or failed
 * - `duplicate`: an event with the same `eventId` is already waiting
 * - `failure`, `aborted`, `cancelled`: how the work ended
 * - `when`: the declaration's `when` said no
 * - `callback-failed`: a callback of the declaration threw, rejected or took too long; see the `error` event
 */
export type SkipReason =
  | 'disabled'
  | 'no-identity'
  | 'no-scope'
  | 'refused'
  | 'duplicate'
  | 'failure'
  | 'aborted'
  | 'cancelled'
  | 'when'
  | 'callback-failed';
