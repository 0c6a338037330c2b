import { isMasked, mask, type Redact, redactor } from './credential.ts';

/** The name of a credential, however it is spelt or escaped. */
const NAME =
  /(?:auth|tracking)(?:[_-]|%5f|%2d|\\u005f|\\u002d)?(?:token|api(?:[_-]|%5f|%2d|\\u005f|\\u002d)?key)/gi;
/** What may stand between a name and a value. They are bounded: a hostile text has many names. */
const BEFORE_PART = /[^\r\n]{0,200}(?:\r?\n[^\r\n]{1,200}){0,5}\r?\n\r?\n/y;
const BEFORE_QUOTED = /\\{0,9}["'`]?[\]\s]{0,40}(?:[:=]>?|,|\s)\s{0,40}(\\{0,9})(["'`])/y;
const BEFORE_NESTED = /\\{0,9}["'`]?\s{0,40}:\s{0,40}(?=[[{])/y;
const BEFORE_WORD = /(?:%[0-9a-f]{2}|[^\w…&,]){1,40}(?=[\w…])/iy;
const PART_NAME = /name=\\?["']?[\w.[\]-]{0,80}$/i;
const PART_END = /\r?\n--/g;
const WORD = /[^\s"'&,;<>{}\\]+/y;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Masks what looks like a credential in a text that could not be read as parameters: there, and wherever else it is. */
export function redactText(text: string, redact: Redact): string {
  const known = redact(text);
  const secrets = new Set<string>();
  let result = '';
  let done = 0;
  NAME.lastIndex = 0;
  for (let name = NAME.exec(known); name; name = NAME.exec(known)) {
    const span = valueAfter(known, name.index, NAME.lastIndex);
    if (!span) continue;
    const value = known.slice(span.start, span.end);
    result += known.slice(done, span.start) + (value === '' || isMasked(value) ? value : mask(value));
    done = span.end;
    NAME.lastIndex = span.end;
    if (!isMasked(value)) for (const each of formsOf(value)) secrets.add(each);
  }
  return redactor([...secrets])(result + known.slice(done));
}

/** Where the value of a name is, if it has one. */
function valueAfter(text: string, nameStart: number, nameEnd: number): Span | undefined {
  const after = (pattern: RegExp) => {
    pattern.lastIndex = nameEnd;
    return pattern.exec(text);
  };
  if (PART_NAME.test(text.slice(Math.max(0, nameStart - 100), nameStart)) && after(BEFORE_PART)) {
    const start = BEFORE_PART.lastIndex;
    PART_END.lastIndex = start;
    return { start, end: PART_END.exec(text)?.index ?? text.length };
  }
  const quoted = after(BEFORE_QUOTED);
  if (quoted) {
    const [, escapes = '', quote = ''] = quoted;
    const start = BEFORE_QUOTED.lastIndex;
    return { start, end: closingQuote(text, start, quote, escapes.length) };
  }
  // Where it ends can't be told for sure.
  if (after(BEFORE_NESTED)) return { start: BEFORE_NESTED.lastIndex, end: text.length };
  if (!after(BEFORE_WORD)) return undefined;
  const start = BEFORE_WORD.lastIndex;
  WORD.lastIndex = start;
  return { start, end: start + (WORD.exec(text)?.[0].length ?? 0) };
}

/** A quote that is escaped more than the first one belongs to the value. */
function closingQuote(text: string, start: number, quote: string, escapes: number): number {
  for (let at = text.indexOf(quote, start); at >= 0; at = text.indexOf(quote, at + 1)) {
    let first = at;
    while (first > start && at - first <= escapes && text[first - 1] === '\\') first -= 1;
    if (at - first <= escapes) return first;
  }
  return text.length;
}

/** As it may be found elsewhere. */
function formsOf(value: string): readonly string[] {
  const plain = [value, decoded(value)];
  return [...plain, ...plain.map((each) => /^[^\s"'&,;<>{}\\]*/.exec(each)?.[0] ?? '')];
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
