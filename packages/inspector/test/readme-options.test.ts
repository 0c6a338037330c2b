import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { USAGE } from '../src/command-line.ts';
import { startInspector } from '../src/index.ts';

test('the README names every option, and no other', async () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  const rows = (pattern: RegExp) => [...readme.matchAll(pattern)].map(([, name]) => name).toSorted();
  const options = [...USAGE.matchAll(/--([a-z-]+)/g)].map(([, name]) => name);
  const ofCommand = [...new Set(options)].filter((name) => name !== 'help' && name !== 'version');
  expect(rows(/^\| `--([a-z-]+)/gm)).toEqual(ofCommand.toSorted());
  const [, section = ''] = readme.split('\n## Options\n');
  const names = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| .*?(?= \|)/gm)].flatMap(([cell]) =>
    [...cell.matchAll(/`(\w+)/g)].map(([, name]) => name),
  );
  const refusal = await startInspector({ nothing: 1 } as never).catch(String);
  expect(names.toSorted()).toEqual(String(refusal).split('There are: ')[1]?.split(', ').toSorted());
});
