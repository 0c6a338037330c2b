import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../workspace.ts';
import { codeIn, tablesIn } from './markdown-tables.ts';

test('the page on adapters names every group of scenarios of the suite', () => {
  const page = readFileSync(join(root, 'docs/writing-an-adapter.md'), 'utf8');
  const [table] = tablesIn(page).filter(({ header }) => header[0] === 'scenarios');
  const named = table?.rows.flatMap(([group]) => codeIn(group)) ?? [];
  const groups = readdirSync(join(root, 'packages/adapter-suite/src/scenarios'))
    .map((file) => file.replace('.ts', ''))
    .filter((name) => name !== 'index');
  expect(named.toSorted()).toEqual(groups.toSorted());
});
