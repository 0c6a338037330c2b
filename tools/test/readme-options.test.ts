import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { codeIn, tablesIn } from './markdown-tables.ts';

const read = (file: string): string => readFileSync(join(import.meta.dirname, '../..', file), 'utf8');

/** The names in the first column of the tables under a heading. */
function firstColumn(markdown: string, heading: string): string[] {
  const [, section = ''] = markdown.split(`\n${heading}\n`);
  const rows = tablesIn(section.split(/\n#/)[0] ?? '').flatMap((table) => table.rows);
  return rows.flatMap(([first]) => codeIn(first));
}

/** The options that a function checks, as its source lists them. */
function checked(source: string, where: string): string[] {
  const [, rest = ''] = source.split(`= checkOptions('${where}', given, {`);
  return [...(rest.split('});')[0] ?? '').matchAll(/^\s+(\w+):/gm)].map(([, name = '']) => name);
}

test("the core's README lists every option of createVero", () => {
  const options = checked(read('packages/core/src/client-options.ts'), 'createVero');
  expect(options.length).toBeGreaterThan(15);
  expect(firstColumn(read('packages/core/README.md'), '## Options').toSorted()).toEqual(options.toSorted());
});

test('the options in the README of the workspace are among them', () => {
  const options = checked(read('packages/core/src/client-options.ts'), 'createVero');
  const listed = firstColumn(read('README.md'), '## Configuration');
  expect(listed.length).toBeGreaterThan(8);
  expect(options).toEqual(expect.arrayContaining(listed));
});

test('every event and reason that a client tells is in the README of the core', () => {
  const readme = read('packages/core/README.md');
  const sources = read('packages/core/src/reporter.ts') + read('packages/core/src/event.ts');
  const names = [...sources.matchAll(/^ {2}\| '([\w-]+)'/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(17);
  for (const name of names) expect(readme).toContain(`\`${name}\``);
});
