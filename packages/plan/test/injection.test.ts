import { createVero, defineEvents, event } from '@verotrack/core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { toJson, toMarkdown, trackingPlan } from '../src/index.ts';

beforeAll(() => vi.stubEnv('VERO_ENABLED', 'false'));

const HOSTILE: readonly (readonly [string, string])[] = [
  ['bars', 'a | b || c'],
  ['bars after backslashes', 'a\\| b \\\\| c \\'],
  ['a new table', 'a |\n|---|\n| injected |'],
  ['a heading', '\n\n## injected\n'],
  ['HTML', '<img src=x onerror=alert(1)><script>alert(2)</script>'],
  ['a link', '[click](javascript:alert(1)) ![x](http://evil.example/x.png) [a]: x'],
  ['code that ends early', '` `` ``` <b>'],
  ['emphasis', '**a** *b*'],
  ['what a terminal obeys', '\u001b[2J\u001b]0;owned\u0007\u009b31m'],
  ['text that turns around', '\u202egnp.exe\u2066'],
  ['a formula', '=HYPERLINK("http://evil.example")'],
];

const planOf = async (text: string): Promise<string> => {
  const events = defineEvents({ [text.slice(0, 200)]: event({ description: text }), other: event() });
  const vero = createVero({ events });
  const where = { other: text };
  return toMarkdown(
    await trackingPlan({ title: text, events, vero, trackedInCode: where, root: import.meta.dirname }),
  );
};

/** The cells of a row as GitHub takes them apart: a backslash takes the next character with it. */
function cells(row: string): string[] {
  return [...row.matchAll(/\|((?:\\[!-/:-@[-`{-~]|[^|])*)(?=\|)/g)].map(([, text = '']) => text.trim());
}

describe.each(HOSTILE)('%s in a name, a description, a title and a place', (_what, text) => {
  it('adds no line, no cell and no markup to the plan', async () => {
    const [plan, harmless] = [await planOf(text), await planOf('harmless')];
    const shape = (markdown: string): unknown[] =>
      markdown.split('\n').map((line) => (line.startsWith('|') ? cells(line).length : /^#/.test(line)));
    expect(shape(plan)).toEqual(shape(harmless));
    // Outside of code, what Markdown or HTML would take for its own is escaped.
    const outside = plan.replaceAll(/(?<![\\`])(`+) ?.*? ?\1(?!`)/g, '').replaceAll(/<\/?(code|br)>/g, '');
    expect(outside).not.toMatch(/(?<!\\)[<*]/);
    expect(outside).not.toMatch(/(?<!\\)\]\(/);
    expect(plan.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_C}]/u);
  });

  it('is in the JSON as it was', async () => {
    const events = defineEvents({ [text.slice(0, 200)]: event({ description: text }) });
    const plan = JSON.parse(toJson(await trackingPlan({ events, root: import.meta.dirname })));
    expect(plan.events).toEqual([expect.objectContaining({ name: text.slice(0, 200), description: text })]);
  });
});
