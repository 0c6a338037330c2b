import { type EventIssue, messageOf, VeroError } from './errors.ts';
import { describe } from './options.ts';
import { isPlainObject, type Json, type Place, setEntry, toPlainJson } from './plain-json.ts';
import { containRejection, isThenable } from './within.ts';

/** How identities are checked; part of the client's options. */
export interface IdentityRules {
  /** What an address that is null, malformed or too long does: it is left out, or the event is invalid. @default 'omit' */
  readonly invalidEmail?: 'omit' | 'refuse' | undefined;
  /** Attributes that look like secrets and yet are to be sent, by name. @default none */
  readonly allowAttributes?: readonly string[] | undefined;
}

/** An identity as Vero takes it. */
export interface SentIdentity {
  /** The user's id; a number was made text. */
  readonly id: string;
  /** A valid address, or none. */
  readonly email?: string;
  readonly [attribute: string]: Json | undefined;
}

/** An identity copied out of the caller's hands, with what is wrong with it. */
export interface CheckedIdentity {
  readonly identity: SentIdentity;
  readonly issues: readonly EventIssue[];
  /** Attributes that were left out, as `name: why`. */
  readonly omitted: readonly string[];
}

/** Vero's limit for names, ids and addresses, in characters. */
export const MAX_CHARACTERS = 255;

export const isShort = (text: string): boolean =>
  text.length < MAX_CHARACTERS || [...text].length < MAX_CHARACTERS;

/** Copies and checks an identity. Never throws. */
export function checkIdentity(given: unknown, rules: IdentityRules, maxSize: number): CheckedIdentity {
  const issues: EventIssue[] = [];
  const omitted: string[] = [];
  const refuse = (path: string, message: string): CheckedIdentity => {
    issues.push({ path, message });
    return { identity: { id: '' }, issues, omitted };
  };
  try {
    if (!isPlainObject(given)) {
      if (isThenable(given)) {
        containRejection(given, () => undefined);
        return refuse('identity', 'is a promise; await it first');
      }
      return refuse(
        'identity',
        `must be a plain object with an id, not ${describe(given)}; see pickIdentity`,
      );
    }
    const omit = (key: string, place: Place): boolean => {
      if (place.depth === 0 && (key === 'id' || key === 'email')) return true;
      if (!looksSecret(key) || rules.allowAttributes?.includes(key)) return false;
      omitted.push(
        `${place.pathOf(key)}: it looks like a secret; list "${key}" in allowAttributes to send it`,
      );
      return true;
    };
    const id = checkId(Object.hasOwn(given, 'id') ? given.id : undefined, issues);
    const email = checkEmail(Object.hasOwn(given, 'email') ? given.email : undefined);
    if (email.problem && rules.invalidEmail === 'refuse')
      issues.push({ path: 'identity.email', message: email.problem });
    else if (email.problem) omitted.push(`identity.email: ${email.problem}`);
    const rest = toPlainJson(given, 'identity', { issues, maxSize, omit });
    // A toJSON of its own may answer with anything.
    if (rest !== undefined && !isPlainObject(rest))
      return refuse('identity', `must be a plain object, not ${describe(rest)}`);
    const identity: { id: string; email?: string } = { id };
    if (email.value !== undefined) identity.email = email.value;
    for (const key of Object.keys(rest ?? {})) setEntry(identity, key, rest?.[key]);
    return { identity, issues, omitted };
  } catch (thrown) {
    return refuse('identity', `could not be read: ${messageOf(thrown)}`);
  }
}

function checkId(id: unknown, issues: EventIssue[]): string {
  const text = typeof id === 'bigint' || (typeof id === 'number' && Number.isFinite(id)) ? String(id) : id;
  if (typeof text !== 'string' || text.trim() === '') {
    const problem = id === undefined ? 'is missing' : `is ${describe(id)}`;
    issues.push({
      path: 'identity.id',
      message: `${problem}; it must be a string that is not empty, or a finite number`,
    });
    return '';
  }
  if (!isShort(text))
    issues.push({ path: 'identity.id', message: `must be under ${MAX_CHARACTERS} characters` });
  return text;
}

function checkEmail(email: unknown): { value?: string; problem?: string } {
  if (email === undefined) return {};
  if (email === null) return { problem: 'is null' };
  if (typeof email !== 'string') return { problem: `must be a string, not ${describe(email)}` };
  if (!isShort(email)) return { problem: `must be under ${MAX_CHARACTERS} characters` };
  // Only what can not be an address: the rest is for the mail server to know.
  if (!/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(email)) return { problem: 'is not an e-mail address' };
  return { value: email };
}

const SECRET_WORD =
  /^(.*(password|passwd|passphrase|passcode|secret|token|hash|jwt|credential)(e?s)?|pwd|salt|otp|totp|mfa|2fa|pin|cvv2?|cvc2?|ssn|csrf|xsrf|cookies?|authorization|pincode|(password|token)(salt|digest|value)|(api|private|secret|access|ssh)key|sessionid|(credit|debit)card.*|card(s|number|no|holder|cvc|cvv|expiry|brand|last4)?)$/;
const SECRET_PAIR =
  /(^|_)((api|private|secret|access|signing|encryption|ssh)_keys?|session_id|security_answers?|(recovery|backup|verification|reset)_codes?)(_|$)/;

/** What is known of names. Users of one application have the same few attributes. */
const judged = new Map<string, boolean>();

/** Whether an attribute's name says that its value is nobody else's business. */
export function looksSecret(name: string): boolean {
  const known = judged.get(name);
  if (known !== undefined) return known;
  const isSecret = isSecretName(name);
  // Names may come from outside: neither many nor long ones are kept.
  if (judged.size < 1_000 && name.length < 100) judged.set(name, isSecret);
  return isSecret;
}

function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.some((word) => SECRET_WORD.test(word)) || SECRET_PAIR.test(words.join('_'));
}

type IdentityKeys<Row> = readonly (keyof Row & string)[];

type IdValue = string | number | bigint;

/** What {@link pickIdentity} gives for a row. */
export type PickedIdentity<Row, Keys extends IdentityKeys<Row>> = {
  readonly [Key in Keys[number]]: Key extends 'email' ? Exclude<Row[Key], null> : Row[Key];
} & { readonly id: IdValue };

/**
 * The named attributes of a user row, and nothing else: a new column of the users table never leaks.
 * A missing row gives `undefined`, which means "nobody"; an e-mail that is null is left out.
 *
 * @example
 * pickIdentity(req.user, ['id', 'email', 'plan'])
 * @throws {VeroError} `VERO_CONFIG` when `keys` doesn't list `id`
 */
export function pickIdentity<Row extends { readonly id: IdValue }, const Keys extends IdentityKeys<Row>>(
  row: Row | null | undefined,
  keys: Keys & ('id' extends Keys[number] ? unknown : ['pickIdentity needs "id" among its keys']),
): PickedIdentity<Row, Keys> | undefined {
  if (!Array.isArray(keys) || !keys.includes('id')) {
    throw new VeroError('VERO_CONFIG', 'pickIdentity: its keys must be a list with "id" in it');
  }
  if (row === null || row === undefined) return undefined;
  const picked: Record<string, unknown> = {};
  for (const key of keys as readonly (keyof Row & string)[]) {
    const value = row[key];
    if (value !== undefined && !(key === 'email' && value === null)) picked[key] = value;
  }
  return picked as PickedIdentity<Row, Keys>;
}
