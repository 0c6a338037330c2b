import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { looksSecret } from '../../packages/core/src/identity.ts';
import { buildTrackPayload, defineEvents, event } from '../../packages/core/src/index.ts';
import { oneLine } from '../../packages/core/src/one-line.ts';
import { closest } from '../../packages/core/src/options.ts';
import { parseRetryAfter } from '../../packages/core/src/queue.ts';
import { parseForm } from '../../packages/inspector/src/form.ts';
import { shownText } from '../../packages/inspector/src/payload.ts';
import { isEmail, isTime } from '../../packages/inspector/src/values.ts';
import { cell, code, table } from '../../packages/plan/src/markdown-text.ts';

/** Half of what an event may have. A pattern that goes back over it for each of its characters takes minutes. */
const LENGTH = 128 * 1024;
/** Ends what would go on, also in the middle of a pattern. What is linear takes milliseconds. */
const GIVEN_UP_AFTER_MS = 5_000;

function endsFor(work: (text: string) => unknown, text: string, timeout = GIVEN_UP_AFTER_MS): boolean {
  try {
    runInContext('work()', createContext({ work: () => tried(work, text) }), { timeout });
    return true;
  } catch {
    return false;
  }
}

function tried(work: (text: string) => unknown, text: string): void {
  try {
    work(text);
  } catch {
    // Refused, which is an end.
  }
}

const authToken = 'tok_of_the_long';
const build = (more: object): unknown =>
  buildTrackPayload({ name: 'n', identity: { id: '1' }, ...more } as never, { authToken });
const secrets = { query: new URLSearchParams(), known: authToken };

/** What sees texts from outside, by its name. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  'the name of an attribute': looksSecret,
  'an attribute, by name and value': (text) => build({ identity: { id: '1', [text]: text } }),
  'an e-mail address': (text) => build({ identity: { id: '1', email: text.slice(0, 254) } }),
  'a time': (text) => build({ createdAt: text }),
  'a key that has an issue': (text) => build({ data: { [text]: { [text]: 1n } } }),
  'a name that is like another': (text) => closest(text.slice(0, 254), [text.slice(1, 200), 'purchased']),
  'the name of a catalogue': (text) => defineEvents({ [text.slice(0, 254)]: event() }),
  'a line of a log': oneLine,
  'Retry-After': parseRetryAfter,
  'a form': parseForm,
  'a body that the inspector can not read': (text) => shownText({}, Buffer.from(text), secrets),
  'an address that the inspector gets': isEmail,
  'a time that the inspector gets': isTime,
  'a description in the plan': (text) => table(['a'], [[cell(text)], [code(text)]]),
};

const PARTS = [
  ...[
    'a',
    'A',
    'aA',
    '0',
    '_',
    '-',
    ' ',
    '\n',
    '\t',
    '\\',
    '"',
    "'",
    '`',
    '|',
    '.',
    '@',
    ':',
    '=',
    '&',
    ',',
    '%5f',
  ],
  ...[
    '[',
    ']',
    '[]',
    '[a',
    '{',
    '{{',
    '<',
    'a@',
    'passwor',
    'card',
    'token',
    'pass_word',
    'api_',
    'auth',
    'auth_token',
  ],
  ...[
    'auth_token=',
    'auth_token"',
    'auth_token: \\',
    'name="auth_token"\r\n',
    '\r\n--',
    '2020-01-01T',
    'Fri, 31 Dec ',
  ],
];

describe.each(Object.entries(READERS))('%s', (_what, read) => {
  it('is read in the end, whatever it repeats', () => {
    const stuck = PARTS.flatMap((part) => {
      const text = part.repeat(Math.ceil(LENGTH / part.length)).slice(0, LENGTH);
      return [text, `${text}!`, `x${text}`].filter((each) => !endsFor(read, each)).map(() => part);
    });
    expect(stuck).toEqual([]);
  });
});

it('what goes back over its input again and again would be found', () => {
  expect(endsFor((text) => text.replace(/\s*\n/g, ''), ' '.repeat(1024 * 1024), 500)).toBe(false);
});
