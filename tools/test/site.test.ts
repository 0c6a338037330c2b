import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { siteLink } from '../../site/links.ts';
import { pages, sidebar, sitePath, strayPages } from '../../site/pages.ts';
import { root } from '../../site/repository.ts';

const GITHUB = 'https://github.com/verotrack/verotrack';

test('every page is in a section of the site', () => {
  expect(strayPages()).toEqual([]);
});

test('the README leads to every page', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const links = new Set([...readme.matchAll(/\]\(([^)#]+)/g)].map(([, link]) => link));
  const missing = pages().filter(
    (file) => file !== 'README.md' && !links.has(file.replace('/README.md', '')),
  );
  expect(missing).toEqual([]);
});

test('the sidebar has every page once, and only pages', () => {
  const links = sidebar().flatMap(({ items }) => items.map(({ link }) => link));
  expect(links.toSorted()).toEqual(
    pages()
      .map((file) => `/${sitePath(file)}`)
      .toSorted(),
  );
});

test.each([
  ['README.md', 'index.md'],
  ['CONTRIBUTING.md', 'contributing.md'],
  ['CODE_OF_CONDUCT.md', 'code-of-conduct.md'],
  ['docs/fleet.md', 'fleet.md'],
  ['docs/recipes/jwt.md', 'recipes/jwt.md'],
  ['packages/pg-boss/README.md', 'packages/pg-boss.md'],
  ['packages/core/CHANGELOG.md', undefined],
  ['examples/outbox-shop/README.md', undefined],
])('the site has %s as %s', (file, page) => {
  expect(sitePath(file)).toBe(page);
});

test.each([
  ['README.md', 'docs/fleet.md#alerts', '/fleet.md#alerts'],
  ['README.md', 'packages/core', '/packages/core.md'],
  ['docs/fleet.md', '../README.md#the-promise', '/index.md#the-promise'],
  ['docs/fleet.md', '../packages/pg-boss#deploy', '/packages/pg-boss.md#deploy'],
  ['packages/core/README.md', '../plan/README.md', '/packages/plan.md'],
  ['packages/core/README.md', '../../examples/nest-shop/src', `${GITHUB}/tree/main/examples/nest-shop/src`],
  ['docs/testing.md', '../package.json', `${GITHUB}/blob/main/package.json`],
  ['packages/core/README.md', `${GITHUB}/blob/main/docs/fleet.md#alerts`, '/fleet.md#alerts'],
  ['packages/core/README.md', `${GITHUB}/tree/main/packages/plan`, '/packages/plan.md'],
  ['packages/core/README.md', `${GITHUB}/blob/main/LICENSE`, `${GITHUB}/blob/main/LICENSE`],
  ['docs/testing.md', 'https://www.getvero.com', 'https://www.getvero.com'],
  ['docs/testing.md', '#tests', '#tests'],
])('in %s the link %s leads to %s on the site', (file, href, link) => {
  expect(siteLink(file, href)).toBe(link);
});
