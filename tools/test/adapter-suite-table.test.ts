import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

test('the page on adapters names every group of scenarios of the suite', () => {
  const page = readFileSync(join(root, 'docs/writing-an-adapter.md'), 'utf8');
  const [, table = ''] = page.split('| scenarios |');
  const named = [...(table.split('\n\n')[0] ?? '').matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
  const groups = readdirSync(join(root, 'packages/adapter-suite/src/scenarios'))
    .map((file) => file.replace('.ts', ''))
    .filter((name) => name !== 'index');
  expect(named.toSorted()).toEqual(groups.toSorted());
});
