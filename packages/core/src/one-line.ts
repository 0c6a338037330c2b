const MAX_LENGTH = 4_000;

/** What could make two lines of one in a log, or speak to a terminal: control characters, separators, and text that turns around. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_C}]/gu;

/** A text as a log or a terminal may have it: on one line, and not endless. Names come from outside. */
export function oneLine(text: string): string {
  const short = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
  return short.replace(UNPRINTABLE, escaped);
}

function escaped(character: string): string {
  if (character === '\n') return '\\n';
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
