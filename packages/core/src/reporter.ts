import { Diagnostics } from './diagnostics/diagnostics.ts';
import { type DeliveryError, type InvalidEventError, messageOf, VeroError } from './errors.ts';
import type { SkipReason } from './event.ts';
import type { EventInfo } from './event-info.ts';
import { oneLine } from './one-line.ts';
import { containRejection } from './within.ts';

/**
 * Why an accepted event was given up.
 *
 * - `overflow`: the queue was full
 * - `closed`: the client was closed, or closing ran out of time
 * - `vetoed`: `beforeSend` said no
 * - `expired`: older than `delivery.retry.maxAgeMs` when an attempt failed; kept as a dead letter
 * - `max-attempts`: failed `delivery.retry.maxAttempts` times; kept as a dead letter
 * - `too-many`: more than 100 `trackOnSuccess` in one scope
 * - `queue-failed`: the queue could not store it
 * - `send-failed`: a promise of `send` was rejected, which tells its caller
 */
export type DropReason =
  | 'overflow'
  | 'closed'
  | 'vetoed'
  | 'expired'
  | 'max-attempts'
  | 'too-many'
  | 'queue-failed'
  | 'send-failed';

/**
 * Why delivery waits.
 *
 * - `retry-after`: Vero asked for it
 * - `unauthorized`: Vero refused the auth token (401), or the `authToken` function failed
 * - `forbidden`: Vero answered three different events with 403
 * - `misconfigured`: a redirect, a 404 or a TLS certificate error: the base URL is not Vero's
 * - `unreachable`: several events in a row failed
 */
export type PauseReason = 'retry-after' | 'unauthorized' | 'forbidden' | 'misconfigured' | 'unreachable';

const REASONS: Readonly<Record<PauseReason, true>> = {
  'retry-after': true,
  unauthorized: true,
  forbidden: true,
  misconfigured: true,
  unreachable: true,
};
/** Every {@link PauseReason}, for whoever shows each of them. */
export const PAUSE_REASONS: readonly PauseReason[] = Object.keys(REASONS) as PauseReason[];

/** What a client tells, by event of the client. */
export interface VeroEvents<Name extends string = string> {
  /** Vero has it. `possiblyDuplicate`: an earlier attempt may have reached Vero too long ago to be recognised. */
  delivered: {
    readonly event: EventInfo<Name>;
    readonly attempts: number;
    readonly possiblyDuplicate: boolean;
  };
  /** An attempt failed, and will be made again. */
  retrying: { readonly event: EventInfo<Name>; readonly error: DeliveryError; readonly delayMs: number };
  /** Vero will never take it. It is kept as a dead letter. */
  rejected: { readonly event: EventInfo<Name>; readonly error: DeliveryError };
  /** It was accepted and given up. `possiblyDelivered`: the fate of an attempt is unknown. */
  dropped: {
    readonly event: EventInfo<Name>;
    readonly reason: DropReason;
    readonly possiblyDelivered: boolean;
  };
  /** It was refused, and never accepted. */
  invalid: { readonly name: string; readonly error: InvalidEventError; readonly route?: string | undefined };
  /** Nothing was wrong, and nothing was sent. `detail`: what `cancelTracking` was given. */
  skipped: {
    readonly name: string;
    readonly reason: SkipReason;
    readonly route?: string | undefined;
    readonly detail?: string | undefined;
  };
  /** Delivery waits; events are kept. A pause may take the place of another; `resumed` tells the end of the last. */
  paused: { readonly reason: PauseReason; readonly retryInMs: number; readonly error: VeroError };
  /** Delivery goes on. `reason`: why it had waited. */
  resumed: { readonly reason: PauseReason };
  /** Something else went wrong, and was contained. */
  error: {
    readonly error: VeroError;
    readonly name?: string | undefined;
    readonly callback?: string | undefined;
    readonly route?: string | undefined;
  };
}

/** Hears of one kind of what a client tells; see {@link VeroEvents}. */
export type VeroListener<What extends keyof VeroEvents, Name extends string = string> = (
  told: VeroEvents<Name>[What],
) => void;

/** Takes a problem that nobody listens for. */
export type Logger = (message: string, code: string) => void;

const EVENT_NAMES: ReadonlySet<string> = new Set<keyof VeroEvents>([
  'delivered',
  'retrying',
  'rejected',
  'dropped',
  'invalid',
  'skipped',
  'paused',
  'resumed',
  'error',
]);

const LOG_INTERVAL_MS = 60_000;
/** A retry is no problem until the event is this old: then somebody may be waiting to see it arrive. */
const LATE_MS = 5_000;
/** A listener that tracks an event may cause what it listens to. So often it is a loop, which would end with the stack. */
const MAX_DEPTH = 10;

/** Tells channels and listeners what happened and, where nobody listens, tells the logger of problems. Never throws. */
export class Reporter {
  readonly #listeners = new Map<keyof VeroEvents, Set<(told: never) => void>>();
  readonly #lastLogged = new Map<string, number>();
  /** A pause was told, with what keeps the events. */
  #isPaused = false;
  /** How many tellings are under way, each inside the one before. */
  #depth = 0;
  readonly #log: Logger;
  readonly diagnostics: Diagnostics;

  constructor(log: Logger = warn, diagnostics: Diagnostics = new Diagnostics()) {
    this.#log = log;
    this.diagnostics = diagnostics;
  }

  on<Name extends keyof VeroEvents>(name: Name, listener: VeroListener<Name>): () => void {
    if (!EVENT_NAMES.has(name)) {
      throw new VeroError(
        'VERO_CONFIG',
        `on: no event "${String(name)}"; there are ${[...EVENT_NAMES].join(', ')}`,
      );
    }
    if (typeof listener !== 'function')
      throw new VeroError('VERO_CONFIG', 'on: its listener must be a function');
    // Wrapped, so that a function that listens twice is two listeners.
    const own = (told: VeroEvents[Name]): void => listener(told);
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(own);
    return () => void listeners.delete(own);
  }

  emit<Name extends keyof VeroEvents>(name: Name, told: VeroEvents[Name]): void {
    this.diagnostics.told(name, told);
    if (name === 'paused' || name === 'resumed') this.#isPaused = name === 'paused';
    const listeners = this.#listeners.get(name);
    if (!listeners || listeners.size === 0) {
      const problem = name === 'retrying' && this.#isPaused ? undefined : describeProblem(name, told);
      if (problem) this.#logSometimes(...problem);
      return;
    }
    if (this.#depth >= MAX_DEPTH) {
      const message = `A listener of "${name}" causes what it listens to, again and again: it is not told of it any more`;
      return this.#logSometimes('VERO_LISTENER_FAILED', message);
    }
    this.#depth++;
    for (const listener of [...listeners])
      this.#tell(name, listener as (told: VeroEvents[Name]) => unknown, told);
    this.#depth--;
  }

  /** Never throws. */
  #tell<Name extends keyof VeroEvents>(
    name: Name,
    listener: (told: VeroEvents[Name]) => unknown,
    told: VeroEvents[Name],
  ): void {
    try {
      containRejection(listener(told), (thrown) => this.#listenerFailed(name, thrown));
    } catch (thrown) {
      this.#listenerFailed(name, thrown);
    }
  }

  #listenerFailed(name: keyof VeroEvents, thrown: unknown): void {
    const message = `A listener of "${name}" failed: ${messageOf(thrown)}`;
    // A failing listener of `error` must not be told of itself.
    if (name === 'error') this.#logSometimes('VERO_LISTENER_FAILED', message);
    else this.emit('error', { error: new VeroError('VERO_LISTENER_FAILED', message, { cause: thrown }) });
  }

  #logSometimes(code: string, message: string): void {
    const now = Date.now();
    const last = this.#lastLogged.get(code);
    if (last !== undefined && now - last < LOG_INTERVAL_MS) return;
    this.#lastLogged.set(code, now);
    try {
      // A logger that fails has nobody left to tell.
      containRejection(this.#log(oneLine(message), code), () => undefined);
    } catch {
      // As above.
    }
  }
}

function warn(message: string, code: string): void {
  process.emitWarning(message, { type: 'VerotrackWarning', code });
}

type Problem = [code: string, message: string];

/** What to log when nobody listens; nothing for what is no problem. Never an identity or data. */
const PROBLEMS: { readonly [Name in keyof VeroEvents]?: (told: VeroEvents[Name]) => Problem | undefined } = {
  retrying: ({ event, error }) => {
    const ageMs = Date.now() - event.acceptedAt;
    if (ageMs < LATE_MS) return undefined;
    const late = `Event "${event.name}" is not delivered after ${Math.round(ageMs / 1_000)} s, and is tried again`;
    return ['VERO_RETRYING', `${late}: ${brief(error)}`];
  },
  rejected: ({ event, error }) => ['VERO_REJECTED', `Event "${event.name}" was rejected: ${brief(error)}`],
  dropped: ({ event, reason }) =>
    reason === 'send-failed'
      ? undefined
      : [`VERO_DROPPED_${reason}`, `Event "${event.name}" was dropped: ${reason}`],
  invalid: ({ error, route }) => [error.code, `${error.message}${at(route)}`],
  skipped: ({ name, reason, route }) => {
    if (reason === 'no-identity') {
      return [
        'VERO_NO_IDENTITY',
        `Event "${name}" was not sent: no identity${at(route)}. See the option "identify".`,
      ];
    }
    if (reason === 'duplicate') {
      return [
        'VERO_DUPLICATE',
        `Event "${name}" was not sent: one with the same eventId is already waiting${at(route)}.`,
      ];
    }
    if (reason === 'no-scope') {
      return ['VERO_NO_SCOPE', `Event "${name}" was not sent: trackOnSuccess was called outside any scope.`];
    }
    return undefined;
  },
  paused: ({ reason, error }) => [
    `VERO_PAUSED_${reason}`,
    `Delivery to Vero is paused (${reason}): ${brief(error)}. Events are kept, and it will be tried again.`,
  ],
  error: ({ error, route }) => [error.code, `${error.message}${at(route)}`],
};

/** Without what Vero said: it may repeat the payload. */
const brief = ({ message, status }: VeroError & { readonly status?: number | undefined }): string =>
  status === undefined ? message : `Vero answered ${status}`;

const at = (route: string | undefined): string => (route ? ` (${route})` : '');

function describeProblem<Name extends keyof VeroEvents>(
  name: Name,
  told: VeroEvents[Name],
): Problem | undefined {
  return PROBLEMS[name]?.(told);
}
