import { oneLine } from './one-line.ts';
import type { QueueRecord } from './queue/contract.ts';

/**
 * Stable, machine-readable codes of everything this library reports.
 *
 * - `VERO_CONFIG`: an option or environment value is missing or wrong
 * - `VERO_INVALID_EVENT`: an event Vero would refuse
 * - `VERO_NOT_IN_CATALOGUE`: an event, or a user, was not refused although it doesn't fit the catalogue (`onInvalid: 'send'`)
 * - `VERO_NO_IDENTITY`: `send` without a user
 * - `VERO_NO_SCOPE`: a scope's function called outside any scope
 * - `VERO_DELIVERY`: Vero refused an event or could not be reached
 * - `VERO_PAUSED`: delivery is paused, so `send` did not try
 * - `VERO_NOT_SENT`: refused by `beforeAccept`, vetoed, a duplicate, or closed, so `send` did not try
 * - `VERO_CALLBACK_FAILED`: a callback of a declaration, or a hook, threw, rejected or took too long
 * - `VERO_ATTRIBUTE_OMITTED`: an identity went out without one of its attributes
 * - `VERO_CREDENTIAL`: the `authToken` function failed
 * - `VERO_QUEUE`: the queue failed
 * - `VERO_LISTENER_FAILED`: a listener threw or rejected, or causes what it listens to, again and again
 * - `VERO_INTERNAL`: a defect of this library, contained
 */
export type VeroErrorCode =
  | 'VERO_CONFIG'
  | 'VERO_INVALID_EVENT'
  | 'VERO_NOT_IN_CATALOGUE'
  | 'VERO_NO_IDENTITY'
  | 'VERO_NO_SCOPE'
  | 'VERO_DELIVERY'
  | 'VERO_PAUSED'
  | 'VERO_NOT_SENT'
  | 'VERO_CALLBACK_FAILED'
  | 'VERO_ATTRIBUTE_OMITTED'
  | 'VERO_CREDENTIAL'
  | 'VERO_QUEUE'
  | 'VERO_LISTENER_FAILED'
  | 'VERO_INTERNAL';

// Registered symbols, so that the guard holds across two installed copies of this package.
const MARK: unique symbol = Symbol.for('verotrack.error') as never;

/** Base of every error of this library. No error of ours contains the credential, and its message is one line. */
export class VeroError extends Error {
  /** What went wrong. Codes do not change; messages may. */
  readonly code: VeroErrorCode;

  constructor(code: VeroErrorCode, message: string, options?: ErrorOptions) {
    super(oneLine(message), options);
    this.code = code;
    Object.defineProperty(this, MARK, { value: true });
  }

  /** `VeroError`, also where a bundler renames classes. */
  override get name(): string {
    return 'VeroError';
  }
}

/** One thing wrong with an event. */
export interface EventIssue {
  /** Where, for example `data.items[0].price`. */
  readonly path: string;
  /** What was wrong and what is expected. */
  readonly message: string;
  /** The message is a schema's, which may quote the value: the error's own message, which is logged, leaves it out. */
  readonly isFromSchema?: true;
}

/** Both lists of issues. Nearly always there is nothing to join. */
export function joinIssues(
  some: readonly EventIssue[],
  others: readonly EventIssue[] = [],
): readonly EventIssue[] {
  if (others.length === 0) return some;
  return some.length === 0 ? others : [...some, ...others];
}

/** An event that Vero would refuse, or that JSON can't say. */
export class InvalidEventError extends VeroError {
  /** Everything that is wrong with the event, each with its path. */
  readonly issues: readonly EventIssue[];

  constructor(eventName: unknown, issues: readonly EventIssue[]) {
    const label = typeof eventName === 'string' && eventName ? ` "${eventName.slice(0, 60)}"` : '';
    super('VERO_INVALID_EVENT', `Invalid event${label}: ${issues.map(describeIssue).join('; ')}`);
    this.issues = issues;
  }

  /** `InvalidEventError`, also where a bundler renames classes. */
  override get name(): string {
    return 'InvalidEventError';
  }
}

/** An issue, without a value that a schema may have quoted. */
export function describeIssue({ path, message, isFromSchema }: EventIssue): string {
  return `${path}: ${isFromSchema ? "does not fit its schema (the error's issues say why)" : message}`;
}

/** What is known of a failed delivery. */
export interface DeliveryFailure {
  /** Vero's HTTP status; absent when no answer came. */
  readonly status?: number | undefined;
  /** Attempts that count so far for this event, this one included: not those that a pause swallowed. */
  readonly attempts: number;
  /** What Vero's `Retry-After` asked for, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** The event, without the credential. */
  readonly event?: QueueRecord | undefined;
  /** What the transport threw, in its own words and without the credential. */
  readonly cause?: unknown;
}

/** Vero refused an event, or it could not be reached. */
export class DeliveryError extends VeroError {
  /** Vero's HTTP status; `undefined` when no answer came. */
  readonly status: number | undefined;
  /** Attempts that count so far for this event: not those that a pause swallowed. */
  readonly attempts: number;
  /** What Vero's `Retry-After` asked for, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The event, without the credential. */
  readonly event: QueueRecord | undefined;

  constructor(message: string, failure: DeliveryFailure, code: VeroErrorCode = 'VERO_DELIVERY') {
    super(code, message, failure.cause === undefined ? undefined : { cause: failure.cause });
    this.status = failure.status;
    this.attempts = failure.attempts;
    this.retryAfterMs = failure.retryAfterMs;
    this.event = failure.event;
  }

  /** `DeliveryError`, also where a bundler renames classes. */
  override get name(): string {
    return 'DeliveryError';
  }
}

/** Whether `value` is an error of this library, of whichever installed copy. */
export function isVeroError(value: unknown): value is VeroError {
  return isMarked(value, MARK);
}

/** Whether an object has a mark. Never throws: anything may be thrown, a revoked proxy, too. */
export function isMarked(value: unknown, mark: symbol): boolean {
  try {
    return typeof value === 'object' && value !== null && mark in value;
  } catch {
    return false;
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message) : String(thrown);
  } catch {
    return 'a value that can not be printed';
  }
}
