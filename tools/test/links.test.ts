import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { brokenLinks } from '../links.ts';
import { root } from '../workspace.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function folderOf(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'verotrack-links-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

test('every link in every Markdown file leads to a file, and to a heading, that there is', async () => {
  expect(await brokenLinks(root)).toEqual([]);
});

test('a link to no file, to no heading or to no image is found', async () => {
  const folder = folderOf({
    'README.md':
      '# Shop\n\n[a](docs/1234.md)\n[b](docs/page.md#none)\n[c](#none)\n![d](none.png)\n[e]\n\n[e]: no.ts\n',
    'docs/page.md': '# Page\n\n| a |\n|---|\n| [f](../none) |\n',
  });
  const problems = await brokenLinks(folder);
  expect(problems.toSorted()).toEqual([
    'README.md:3: Cannot find file `docs/1234.md`',
    'README.md:4: Cannot find heading for `#none` in `docs/page.md`',
    'README.md:5: Cannot find heading for `#none`',
    'README.md:6: Cannot find file `none.png`',
    'README.md:9: Cannot find file `no.ts`',
    'docs/page.md:5: Cannot find file `../none`',
  ]);
});

test('the address of a file in the repository that there is not is found', async () => {
  const on = 'https://github.com/verotrack/verotrack/blob/main';
  const folder = folderOf({
    'README.md': `# Shop\n\n[a](${on}/docs/1234.md) [b](${on}/docs/page.md#none) [c](${on}/docs/page.md#page)\n`,
    'docs/page.md': '# Page\n',
  });
  expect(await brokenLinks(folder)).toEqual([
    'README.md:3: Cannot find file `docs/1234.md`',
    'README.md:3: Cannot find heading for `#none` in `docs/page.md`',
  ]);
});

test('a link to a file, a folder, a heading, or a heading of the README of a folder is none of them', async () => {
  const folder = folderOf({
    'README.md':
      "# Shop\n\n## What's `new`, here?\n[a](docs/page.md#page) [b](docs) [c](#whats-new-here) [d](lib#lib)\n",
    'docs/page.md':
      '# Page\n\n[a](../README.md#whats-new-here) [b](../lib/code.ts) [c](https://example.com/none)\n',
    'lib/README.md': '# Lib\n',
    'lib/code.ts': '',
    '.gitignore': 'built/\n',
    'built/page.md': '[a](none.md)\n',
  });
  expect(await brokenLinks(folder)).toEqual([]);
});
