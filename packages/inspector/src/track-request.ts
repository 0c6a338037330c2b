import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { ReceivedEvent } from './event-log.ts';
import { Refusal } from './http.ts';

/** A body with its credential taken out. */
export interface ParsedBody {
  readonly credential: unknown;
  /** Frozen. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly eventName: string | undefined;
  /** The same for all requests with this payload, the credential aside. */
  readonly fingerprint: string;
}

/** Names, ids and e-mail addresses must be under this. */
const MAX_CHARACTERS = 255;
const MAX_DEPTH = 500;
/** Shorter ones would be found in all sorts of harmless texts. */
const MIN_REDACTED_CHARACTERS = 8;
const ISO_8601 = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/**
 * @param bytes `undefined` when it was too large
 * @throws {Refusal} 400, 413 or 415
 */
export function parseBody(headers: IncomingHttpHeaders, bytes: Buffer | undefined): ParsedBody {
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json' || headers['content-encoding'] !== undefined) {
    throw new Refusal(
      415,
      'Unsupported media type: send JSON with the header "content-type: application/json", neither form-encoded nor compressed.',
    );
  }
  if (!bytes) throw new Refusal(413, 'The body is too large for this inspector (option maxBodyBytes).');
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new Refusal(400, 'The body is not JSON in UTF-8.');
  }
  if (!isObject(parsed)) throw new Refusal(400, 'The body must be a JSON object.');
  const { auth_token, tracking_api_key, ...rest } = parsed;
  // Wherever else it strayed in the payload, it is not shown.
  const redact = (text: string) =>
    [auth_token, tracking_api_key].reduce<string>(
      (result, secret) =>
        typeof secret === 'string' && secret.length >= MIN_REDACTED_CHARACTERS
          ? result.replaceAll(secret, mask(secret))
          : result,
      text,
    );
  const credential = auth_token ?? tracking_api_key;
  const body = frozenCopy(rest, redact) as Readonly<Record<string, unknown>>;
  const { event_name: name } = body;
  const eventName = typeof name === 'string' ? name.slice(0, MAX_CHARACTERS) : undefined;
  return { credential, body, eventName, fingerprint: digest(JSON.stringify(body)) };
}

/** @throws {Refusal} 400 or 401 */
export function toEvent(
  { body, credential }: ParsedBody,
  receivedAt: Date,
  authToken?: string,
): ReceivedEvent {
  if (!isText(credential))
    throw new Refusal(400, 'Missing parameter: auth_token must be a non-empty string.');
  if (authToken !== undefined && credential !== authToken) {
    throw new Refusal(401, 'Bad credentials: auth_token is not the one this inspector was started with.');
  }
  const { event_name: name, identity, data, development_mode: developmentMode = false, extras } = body;
  const issues: string[] = [];
  const check = (ok: boolean, issue: string): unknown => ok || issues.push(issue);

  check(isText(name) && isShort(name), 'event_name must be a non-empty string of under 255 characters');
  if (isObject(identity)) {
    const { id, email } = identity;
    check(isText(id) && isShort(id), 'identity.id must be a non-empty string of under 255 characters');
    check(
      email === undefined || isEmail(email),
      'identity.email must be an e-mail address of under 255 characters',
    );
  } else {
    issues.push('identity must be an object with an id');
  }
  check(data === undefined || isObject(data), 'data must be an object');
  check(typeof developmentMode === 'boolean', 'development_mode must be true or false');
  check(extras === undefined || isObject(extras), 'extras must be an object');
  const createdAt = isObject(extras) ? extras.created_at : undefined;
  check(createdAt === undefined || isTime(createdAt), 'extras.created_at must be a time in ISO 8601');
  if (issues.length > 0) throw new Refusal(400, `Bad request: ${issues.join('; ')}.`);

  return Object.freeze({
    receivedAt,
    name: name as string,
    identity: identity as ReceivedEvent['identity'],
    data: data as ReceivedEvent['data'],
    developmentMode: developmentMode as boolean,
    extras: extras as ReceivedEvent['extras'],
    body,
    credential: mask(credential),
  });
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function isShort(text: string): boolean {
  return text.length < MAX_CHARACTERS || [...text].length < MAX_CHARACTERS;
}

function isEmail(value: unknown): boolean {
  return isText(value) && isShort(value) && /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(value);
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && ISO_8601.test(value) && !Number.isNaN(Date.parse(value));
}

/** Never more than half of it. */
function mask(credential: string): string {
  return `…${credential.slice(credential.length - Math.min(4, Math.floor(credential.length / 2)))}`;
}

function frozenCopy(value: unknown, redact: (text: string) => string, depth = 0): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) throw new Refusal(400, `The body is nested deeper than ${MAX_DEPTH} levels.`);
  const inner = (each: unknown) => frozenCopy(each, redact, depth + 1);
  if (Array.isArray(value)) return Object.freeze(value.map(inner));
  // `fromEntries` makes `__proto__` a key like any other.
  return Object.freeze(
    Object.fromEntries(Object.entries(value).map(([key, each]) => [redact(key), inner(each)])),
  );
}
