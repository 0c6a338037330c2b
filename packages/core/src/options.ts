import { VeroError } from './errors.ts';
import { isPlainObject } from './plain-json.ts';

/** What an option may be. */
export interface OptionRule {
  /** Completes "must be …". */
  readonly expected: string;
  /** Whether a value is allowed. `undefined` always is, and is not asked about. */
  readonly accepts: (value: unknown) => boolean;
}

/** Any value. */
export const anything: OptionRule = { expected: 'given', accepts: () => true };
/** `true` or `false`. */
export const aBoolean: OptionRule = {
  expected: 'true or false',
  accepts: (value) => typeof value === 'boolean',
};
/** A function. */
export const aFunction: OptionRule = {
  expected: 'a function',
  accepts: (value) => typeof value === 'function',
};
/** A string that is not empty. */
export const aString: OptionRule = {
  expected: 'a string that is not empty',
  accepts: (value) => typeof value === 'string' && value.trim() !== '',
};
/** A plain object. */
export const anObject: OptionRule = { expected: 'an object', accepts: isPlainObject };
/** A whole number above 0. */
export const positiveInteger: OptionRule = {
  expected: 'a whole number above 0',
  accepts: (value) => Number.isSafeInteger(value) && (value as number) > 0,
};
/** How many in a second: a number above 0. */
export const aRate: OptionRule = {
  expected: 'a number above 0',
  accepts: (value) => typeof value === 'number' && value > 0 && value !== Number.POSITIVE_INFINITY,
};
export const countOrInfinity: OptionRule = {
  expected: 'a whole number above 0, or Infinity',
  accepts: (value) => value === Number.POSITIVE_INFINITY || positiveInteger.accepts(value),
};
/** Longer than this, Node's timers fire at once. */
const MAX_MILLISECONDS = 2 ** 31 - 1;
export const milliseconds: OptionRule = {
  expected: `a number of milliseconds from 0 to ${MAX_MILLISECONDS}`,
  accepts: (value) => typeof value === 'number' && value >= 0 && value <= MAX_MILLISECONDS,
};
export const positiveMilliseconds: OptionRule = {
  expected: `a whole number of milliseconds from 1 to ${MAX_MILLISECONDS}`,
  accepts: (value) => positiveInteger.accepts(value) && milliseconds.accepts(value),
};
export const listOfStrings: OptionRule = {
  expected: 'a list of strings',
  accepts: (value) => Array.isArray(value) && value.every((entry) => typeof entry === 'string'),
};

/** One of these strings. */
export function oneOf(...values: readonly string[]): OptionRule {
  const expected = values.map((value) => `'${value}'`).join(' or ');
  return { expected, accepts: (value) => values.includes(value as string) };
}

/** An object with these methods. */
export function having(what: string, ...methods: readonly string[]): OptionRule {
  return {
    expected: what,
    accepts: (value) =>
      typeof value === 'object' &&
      value !== null &&
      methods.every((method) => typeof (value as Record<string, unknown>)[method] === 'function'),
  };
}

/**
 * Holds the options that a public function was given against the ones it knows.
 *
 * @param where - the function, for the message
 * @returns a copy, read once, that inherits nothing: what somebody put on `Object.prototype` is no option
 * @throws {VeroError} `VERO_CONFIG`, naming the option and what it should be
 */
export function checkOptions<Options extends object>(
  where: string,
  options: Options,
  rules: Readonly<Record<string, OptionRule>>,
): Options {
  let entries: [string, unknown][] | undefined;
  try {
    if (isPlainObject(options)) entries = Object.entries(options);
  } catch {
    // What can't be read is no object of options.
  }
  if (!entries) throw new VeroError('VERO_CONFIG', `${where}: its options must be an object`);
  const checked: Record<string, unknown> = Object.create(null);
  for (const [name, value] of entries) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (!rule)
      throw new VeroError(
        'VERO_CONFIG',
        `${where}: unknown option "${name}"${suggestion(name, Object.keys(rules))}`,
      );
    if (value !== undefined && !isAccepted(rule, value)) {
      throw new VeroError(
        'VERO_CONFIG',
        `${where}: option "${name}" must be ${rule.expected}, not ${describe(value)}`,
      );
    }
    checked[name] = value;
  }
  return checked as Options;
}

function isAccepted(rule: OptionRule, value: unknown): boolean {
  try {
    return rule.accepts(value);
  } catch {
    return false;
  }
}

/** Says what a value is without showing it: it might be a secret. */
export function describe(value: unknown): string {
  if (value === undefined || value === null || typeof value === 'boolean') return String(value);
  // A small one is a slip; a long one may be a telephone, a card or a token.
  if (typeof value === 'number') return Math.abs(value) >= 1_000 ? 'a number' : String(value);
  if (typeof value === 'string') return value.trim() === '' ? 'an empty string' : 'a string';
  if (typeof value !== 'object') return `a ${typeof value}`;
  try {
    return Array.isArray(value) ? 'a list' : 'an object';
  } catch {
    // A revoked proxy.
    return 'an object';
  }
}

function suggestion(name: string, known: readonly string[]): string {
  return didYouMean(name, known) || `. It takes: ${known.join(', ')}`;
}

/** The end of a message about a name that is not known; empty where none of the known ones is like it. */
export function didYouMean(name: string, known: readonly string[]): string {
  const meant = closest(name, known);
  return meant === undefined ? '' : `. Did you mean "${meant}"?`;
}

/** The known name that was probably meant, if there is one. */
export function closest(name: string, known: readonly string[]): string | undefined {
  const limit = Math.max(2, name.length / 3);
  const ranked = known
    // The difference in length is the least distance. A name may be of any length, and comparing takes time.
    .filter((candidate) => Math.abs(candidate.length - name.length) <= limit)
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= limit ? best.candidate : undefined;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substituted, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
