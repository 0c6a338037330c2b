import { type EventIssue, InvalidEventError, joinIssues, messageOf, VeroError } from './errors.ts';
import type { EventData, EventOptions, Identity } from './event.ts';
import {
  type CheckedIdentity,
  checkIdentity,
  type IdentityRules,
  isShort,
  MAX_CHARACTERS,
  type SentIdentity,
} from './identity.ts';
import { isoTime } from './iso-time.ts';
import {
  aBoolean,
  aString,
  checkOptions,
  describe,
  listOfStrings,
  oneOf,
  positiveInteger,
} from './options.ts';
import { isPlainObject, type Json, toPlainJson } from './plain-json.ts';

/** An event as {@link buildTrackPayload} takes it. */
export interface TrackEvent extends Pick<EventOptions, 'createdAt' | 'source' | 'conversionId'> {
  /** Non-empty, under 255 characters. Vero takes `Purchased Item` and `purchased_item` for one event. */
  readonly name: string;
  /** Who did it. */
  readonly identity: Identity;
  /** What describes it. @default nothing */
  readonly data?: EventData | null | undefined;
}

/** The options of {@link buildTrackPayload}. */
export interface PayloadOptions extends IdentityRules {
  /** Vero's API token. It becomes part of the payload. */
  readonly authToken: string;
  /** Keep the event apart from production. @default false */
  readonly developmentMode?: boolean | undefined;
  /** Largest encoded payload without the credential, in bytes. @default 262_144 */
  readonly maxPayloadBytes?: number | undefined;
}

/** The body of `POST /api/v2/events/track`, as Vero's Events API documents it. */
export interface TrackPayload {
  /** Vero's API token. */
  readonly auth_token: string;
  /** The event's name. */
  readonly event_name: string;
  /** Who did it: the user's attributes. */
  readonly identity: SentIdentity;
  /** What describes the event. */
  readonly data?: { readonly [key: string]: Json };
  /** There when the event is kept apart from production. */
  readonly development_mode?: true;
  /** When it happened, and where it came from. */
  readonly extras?: TrackExtras;
}

/** What Vero keeps beside an event's data. */
export interface TrackExtras {
  /** When the event happened: ISO 8601, UTC. */
  readonly created_at?: string;
  /** Free text: where the event came from. */
  readonly source?: string;
  /** Vero's conversion id. */
  readonly vero_conv?: string;
}

export const DEFAULT_MAX_PAYLOAD_BYTES: number = 256 * 1024;

/**
 * Exactly what Vero takes for an event. Pure: nothing is sent, and the event is not changed.
 *
 * @throws {InvalidEventError} when Vero would refuse the event, with every issue's path
 * @throws {VeroError} `VERO_CONFIG` for a bad option
 */
export function buildTrackPayload(event: TrackEvent, options: PayloadOptions): TrackPayload {
  const settings = checkOptions('buildTrackPayload', options, {
    authToken: aString,
    developmentMode: aBoolean,
    maxPayloadBytes: positiveInteger,
    invalidEmail: oneOf('omit', 'refuse'),
    allowAttributes: listOfStrings,
  });
  if (settings.authToken === undefined) {
    throw new VeroError('VERO_CONFIG', 'buildTrackPayload: option "authToken" is missing');
  }
  const maxSize = settings.maxPayloadBytes ?? DEFAULT_MAX_PAYLOAD_BYTES;
  const members = membersOf(event);
  const checked = checkEvent(members, maxSize);
  const identity = checkIdentity(members.identity, settings, maxSize);
  const body = toBody(checked, identity, settings.developmentMode ?? false);
  encodeBody(body, maxSize);
  return { auth_token: settings.authToken, ...body };
}

/** The members of an event, read once; nothing is inherited. @throws {InvalidEventError} when they can't be read */
function membersOf(event: TrackEvent): TrackEvent {
  let problem = 'must be a plain object';
  try {
    if (isPlainObject(event)) return { __proto__: null, ...event } as unknown as TrackEvent;
  } catch (thrown) {
    problem = `could not be read: ${messageOf(thrown)}`;
  }
  throw new InvalidEventError(undefined, [{ path: 'event', message: problem }]);
}

/** What is in a payload beside the credential. */
export type PayloadBody = Omit<TrackPayload, 'auth_token'>;

/** Encodes a checked payload. @throws {InvalidEventError} when it is too large */
export function encodeBody(body: PayloadBody, maxBytes: number): string {
  const json = JSON.stringify(body);
  // No character has more than three bytes in UTF-8.
  if (json.length * 3 <= maxBytes) return json;
  const bytes = Buffer.byteLength(json);
  if (bytes <= maxBytes) return json;
  const message = `encodes to ${bytes} bytes, and may have ${maxBytes} (see maxPayloadBytes)`;
  throw new InvalidEventError(body.event_name, [{ path: 'event', message }]);
}

/** An event copied out of its caller's hands, all but its identity, with what is wrong with it. */
export interface CheckedEvent {
  readonly name: string;
  readonly data: Record<string, Json> | undefined;
  readonly extras: TrackExtras;
  readonly issues: readonly EventIssue[];
}

/** Copies and checks everything but the identity, which may have been checked long before. Never throws. */
export function checkEvent(
  event: Pick<TrackEvent, 'name' | 'data' | 'createdAt' | 'source' | 'conversionId'>,
  maxSize: number,
): CheckedEvent {
  const issues: EventIssue[] = [];
  checkName(event.name, issues);
  const data = copyData(event.data, issues, maxSize);
  const createdAt = checkTime(event.createdAt, issues);
  const source = checkText(event.source, 'source', issues);
  const conversionId = checkText(event.conversionId, 'conversionId', issues);
  const extras: Writable<TrackExtras> = {};
  if (createdAt !== undefined) extras.created_at = createdAt;
  if (source !== undefined) extras.source = source;
  if (conversionId !== undefined) extras.vero_conv = conversionId;
  return { name: event.name, data, extras, issues };
}

/** @throws {InvalidEventError} with every issue of the event and its identity */
export function toBody(
  { name, data, extras, issues }: CheckedEvent,
  { identity, issues: identityIssues }: CheckedIdentity,
  developmentMode: boolean,
): PayloadBody {
  const all = joinIssues(issues, identityIssues);
  if (all.length > 0) throw new InvalidEventError(name, all);
  const body: Writable<PayloadBody> = { event_name: name, identity };
  if (data && !isEmpty(data)) body.data = data;
  if (developmentMode) body.development_mode = true;
  if (!isEmpty(extras)) body.extras = extras;
  return body;
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

function isEmpty(object: object): boolean {
  for (const key in object) if (Object.hasOwn(object, key)) return false;
  return true;
}

/** Copies event data, and adds what is wrong with it. */
function copyData(data: unknown, issues: EventIssue[], maxSize: number): Record<string, Json> | undefined {
  if (data === undefined || data === null) return undefined;
  const copy = toPlainJson(data, 'data', { issues, maxSize });
  if (copy === undefined || isPlainObject(copy)) return copy as Record<string, Json> | undefined;
  issues.push({ path: 'data', message: `must be a plain object, not ${describe(copy)}` });
  return undefined;
}

export function checkName(name: unknown, issues: EventIssue[]): void {
  if (typeof name !== 'string')
    issues.push({ path: 'name', message: `must be a string, not ${describe(name)}` });
  else if (name.trim() === '') issues.push({ path: 'name', message: 'must not be empty' });
  else if (!isShort(name))
    issues.push({ path: 'name', message: `must be under ${MAX_CHARACTERS} characters` });
}

/** `2026-01-31T12:00:00.000Z`. */
const ISO_CHARACTERS = 24;

function checkTime(time: unknown, issues: EventIssue[]): string | undefined {
  if (time === undefined) return undefined;
  try {
    const iso = isoOf(time);
    // Of another year than those of four digits it is another form, which Vero doesn't know: microseconds, for one.
    if (iso?.length === ISO_CHARACTERS) return iso;
  } catch {
    // No time at all, or what only looks like a Date.
  }
  issues.push({
    path: 'createdAt',
    message:
      'must be a valid Date, an ISO 8601 string with its offset from UTC, or milliseconds since 1970, of a year of four digits',
  });
  return undefined;
}

function isoOf(time: unknown): string | undefined {
  if (typeof time === 'number') return isoTime(time);
  // `new Date` reads far more than ISO 8601 from a string, and guesses.
  const isReadable =
    typeof time === 'string' ? /^\d{4}-\d\d-\d\d(T.*(Z|[+-]\d\d:?\d\d))?$/.test(time) : time instanceof Date;
  // `new Date` turns 30 February into 1 March.
  const day = typeof time === 'string' ? time.slice(0, 10) : undefined;
  const isDay = day === undefined || new Date(day).toISOString().startsWith(day);
  return isReadable && isDay ? new Date(time as string | Date).toISOString() : undefined;
}

function checkText(text: unknown, path: string, issues: EventIssue[]): string | undefined {
  if (text === undefined || text === '') return undefined;
  if (typeof text === 'string') return text;
  issues.push({ path, message: `must be a string, not ${describe(text)}` });
  return undefined;
}
