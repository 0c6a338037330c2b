import type { IncomingHttpHeaders } from 'node:http';
import {
  credentialOf,
  isCredentialName,
  isMasked,
  isSecretName,
  mask,
  type Redact,
  redactor,
  secretsOf,
} from './credential.ts';
import { parseForm } from './form.ts';
import { redactText } from './redact-text.ts';
import { Refusal } from './refusal.ts';
import { beginning, digest, isObject, ownText } from './values.ts';

/** A body with its credential taken out. */
export interface Payload {
  readonly credential: unknown;
  /** Frozen. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The same for all requests with this payload, the credential aside. */
  readonly fingerprint: string;
  /** About how many bytes it takes in memory. */
  readonly weight: number;
  /** What Vero might not like, though it is taken here. */
  readonly notes: readonly string[];
}

/** The texts in which a credential may have come. */
export interface Secrets {
  readonly query: URLSearchParams;
  /** The only credential that is taken, if there is but one. */
  readonly known: string | undefined;
}

/** More of a body is not shown. */
export const MAX_SHOWN_CHARACTERS: number = 256 * 1024;
/** No request needs a longer path. */
const MAX_PATH_CHARACTERS = 500;
const MAX_DEPTH = 500;
/** About what an object, a list or a number takes. */
const NODE_BYTES = 64;
const FORM = 'application/x-www-form-urlencoded';

/**
 * @param bytes `undefined` when it was too large
 * @throws {Refusal} 400, 413 or 415
 */
export function parseBody(
  headers: IncomingHttpHeaders,
  bytes: Buffer | undefined,
  secrets: Secrets,
): Payload {
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if ((type !== 'application/json' && type !== FORM) || headers['content-encoding'] !== undefined) {
    throw new Refusal(
      415,
      `Unsupported media type: send JSON with the header "content-type: application/json", or a form (${FORM}), uncompressed.`,
    );
  }
  if (!bytes) throw new Refusal(413, 'The body is too large for this inspector (option maxBodyBytes).');
  const text = decode(bytes);
  if (type === FORM && !text.trimStart().startsWith('{')) return payloadOf(parseForm(text), secrets);
  const notes =
    type === FORM
      ? ['It is JSON, but says it is a form, as curl does by itself: add -H "content-type: application/json"']
      : [];
  return payloadOf(parseJson(text), secrets, notes);
}

/** @throws {Refusal} 400 for what is no object or nested too deep */
export function payloadOf(parsed: unknown, secrets: Secrets, notes: readonly string[] = []): Payload {
  if (!isObject(parsed)) throw new Refusal(400, 'The body must be a JSON object.');
  const credential = credentialOf(parsed, secrets.query);
  const redact = redactor(secretsOf(parsed, secrets.query, secrets.known));
  const rest = Object.fromEntries(Object.entries(parsed).filter(([name]) => !isCredentialName(name)));
  const size = { bytes: 0 };
  const body = frozenCopy(rest, redact, size) as Readonly<Record<string, unknown>>;
  return { credential, body, fingerprint: digest(JSON.stringify(body)), weight: size.bytes, notes };
}

/** What came, as far as it can be shown: for a body that was refused before it was understood. */
export function shownText(
  headers: IncomingHttpHeaders,
  bytes: Buffer | undefined,
  { query, known }: Secrets,
): string {
  const encoding = headers['content-encoding'];
  if (!bytes) return '(too large to be kept)';
  if (encoding !== undefined || bytes.includes(0)) return `(${bytes.length} bytes that are no text)`;
  const secrets = redactor(secretsOf({}, query, known));
  // A cut could leave half a credential without its name; it is made behind the redaction.
  return beginning(redactText(bytes.toString(), secrets), MAX_SHOWN_CHARACTERS);
}

/** A path as it may be kept: also there a credential may have strayed. */
export function shownPath(path: string, { query, known }: Secrets, credential?: unknown): string {
  const redact = redactor([...secretsOf({}, query, known), credential]);
  return ownText(redactText(path, redact).slice(0, MAX_PATH_CHARACTERS));
}

/** Whether it only says that there was something. */
export function isPlaceholder(text: string): boolean {
  return /^\((too large|\d+ bytes) [\w ]+\)$/.test(text);
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Refusal(400, 'The body is not text in UTF-8.');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, 'The body is not JSON.');
  }
}

function frozenCopy(value: unknown, redact: Redact, size: { bytes: number }, depth = 0): unknown {
  size.bytes += NODE_BYTES;
  if (typeof value === 'string') {
    size.bytes += value.length;
    // Half of a character comes from a text that was cut, and no address could name it.
    return redact(value.toWellFormed());
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) throw new Refusal(400, `The body is nested deeper than ${MAX_DEPTH} levels.`);
  if (Array.isArray(value)) {
    return Object.freeze(value.map((each) => frozenCopy(each, redact, size, depth + 1)));
  }
  const entries = Object.entries(value).map(([key, each]) => {
    size.bytes += key.length;
    const shown = isSecretName(key) ? maskAny(each) : each;
    return [redact(key.toWellFormed()), frozenCopy(shown, redact, size, depth + 1)] as const;
  });
  // `fromEntries` makes `__proto__` a key like any other.
  return Object.freeze(Object.fromEntries(entries));
}

function maskAny(value: unknown): unknown {
  if (value === null || (typeof value === 'string' && isMasked(value))) return value;
  return typeof value === 'string' ? mask(value) : '…';
}
