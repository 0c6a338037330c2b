import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../workspace.ts';
import { tablesIn } from './markdown-tables.ts';

test('every promise about security names tests that hold it', () => {
  const page = readFileSync(join(root, 'SECURITY.md'), 'utf8');
  const [table] = tablesIn(page).filter(({ header }) => header.includes('promise'));
  const rows = table?.rows ?? [];
  expect(rows.length).toBeGreaterThan(5);
  for (const [, promise, tests = ''] of rows) {
    const files = [...tests.matchAll(/\]\((\S+)\)/g)].map(([, file = '']) => file);
    expect(files.length, promise).toBeGreaterThan(0);
    for (const file of files) expect(existsSync(join(root, file)), file).toBe(true);
  }
});
