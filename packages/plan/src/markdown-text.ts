/** Text in a table's cell or a line of a list, with nothing in it that Markdown would take for its own. */
export function cell(text: string): string {
  return oneLine(text)
    .replaceAll(/[\\`*<[\]|]/g, '\\$&')
    .trim();
}

/** Text as code, in a table too, where a bar is escaped even there. */
export function code(text: string): string {
  // A bar after a backslash ends a cell of GitHub's tables, whatever is done to it: only HTML can say it.
  if (/\\\|/.test(text)) return `<code>${asEntities(oneLine(text))}</code>`;
  const line = oneLine(text).replaceAll('|', '\\|');
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  if (longest === 0) return `\`${line}\``;
  const fence = '`'.repeat(longest + 1);
  return `${fence} ${line} ${fence}`;
}

export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`.replaceAll(/ {2,}/g, ' ');
  return [line(header), `|${'---|'.repeat(header.length)}`, ...rows.map(line)].join('\n');
}

export function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

/** The cells of a table's row; `undefined` for what is none. */
export function cellsOf(line: string): string[] | undefined {
  const [, inner] = /^\s*\|(.*)\|\s*$/.exec(line) ?? [];
  return inner?.split(/(?<!\\)\|/).map((text) => text.trim().replaceAll(/\s+/g, ' '));
}

/** A cell for a terminal: without what makes it Markdown. */
export function plain(text: string): string {
  return text
    .replaceAll(/(?<![\\`])`([^`]+)`/g, '$1')
    .replaceAll(/(?<![\\`])(``+) (.*?) \1/g, '$2')
    .replaceAll(/\\([\\`*<[\]|])/g, '$1');
}

/** Nothing in it starts a line, speaks to a terminal or turns text around. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\p{Cc}\p{Bidi_C}]/gu, '\ufffd');
}

function asEntities(text: string): string {
  return text.replaceAll(/[^\w\s]/gu, (character) => `&#${character.codePointAt(0)};`);
}
