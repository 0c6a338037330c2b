import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readManifest, root } from '../workspace.ts';
import { codeIn, tablesIn } from './markdown-tables.ts';

const page = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
const { scripts = {} } = readManifest('.');

/** What is in backticks in the first column of the tables with this heading. */
function firstColumn(heading: string): string[] {
  const tables = tablesIn(page).filter(({ header }) => header[0] === heading);
  return tables.flatMap(({ rows }) => rows).flatMap(([first]) => codeIn(first));
}

test('the layout has every package, and only folders that exist', () => {
  const folders = firstColumn('folder');
  expect(folders).toEqual(expect.arrayContaining(globSync('packages/*', { cwd: root })));
  expect(folders.filter((folder) => !existsSync(join(root, folder)))).toEqual([]);
});

test('the commands exist, and so do the files that they name', () => {
  const commands = firstColumn('command');
  expect(commands.length).toBeGreaterThan(10);
  for (const command of commands) {
    const [name = '', program = '', ...args] = command.split(' ');
    if (name === 'exec') expect(existsSync(join(root, 'node_modules/.bin', program)), command).toBe(true);
    else expect(Object.keys(scripts)).toContain(name);
    for (const file of args.filter((each) => each.endsWith('.ts'))) {
      expect(existsSync(join(root, file)), command).toBe(true);
    }
  }
});

test('the groups of tests are those that there are', () => {
  const config = readFileSync(join(root, 'vitest.config.ts'), 'utf8');
  const groups = [...config.matchAll(/\bname: '([\w-]+)'/g)].map(([, name = '']) => name);
  const [, listed = ''] = /one group of tests: (.*) \|/.exec(page) ?? [];
  expect(codeIn(listed).toSorted()).toEqual([...new Set(groups)].toSorted());
});
