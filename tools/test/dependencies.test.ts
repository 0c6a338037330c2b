import { readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root, workspacePackages } from '../workspace.ts';
import { codeIn, tablesIn } from './markdown-tables.ts';

const page = readFileSync(join(root, 'docs/dependencies.md'), 'utf8');
const manifests = [...workspacePackages().values()];

const rows = tablesIn(page).flatMap((table) => table.rows);
/** Of a published package, the second column names what it needs; elsewhere the first. */
const published = rows.filter((cells) => cells.length > 2);
const named = [
  ...published.flatMap((cells) => codeIn(cells[1])),
  ...rows.filter((cells) => cells.length === 2).flatMap((cells) => codeIn(cells[0])),
];

const others = (names: object = {}): string[] =>
  Object.keys(names).filter((name) => !name.startsWith('@verotrack/'));
const used = new Set(
  manifests.flatMap((each) => [
    ...others(each.dependencies),
    ...others(each.devDependencies),
    ...others(each.optionalDependencies),
    ...others(each.peerDependencies),
  ]),
);

test('the page names every dependency of every package of the workspace', () => {
  expect(used.size).toBeGreaterThan(50);
  const missing = [...used].filter((name) => !named.some((pattern) => matchesGlob(name, pattern)));
  expect(missing).toEqual([]);
});

test('the page names none that is gone', () => {
  const gone = named.filter((pattern) => ![...used].some((name) => matchesGlob(name, pattern)));
  expect(gone).toEqual([]);
});

describe.each(manifests.filter((each) => !each.private))(
  '$name',
  ({ name, dependencies, peerDependencies }) => {
    const own = published.filter(([first]) => `@verotrack/${first}` === name);

    test('has a row for what its users install with it', () => {
      const needed = [...others(dependencies), ...others(peerDependencies)];
      expect(own.flatMap((cells) => codeIn(cells[1])).toSorted()).toEqual(needed.toSorted());
    });

    test('says why, and what was considered', () => {
      for (const cells of own) {
        expect(cells).toHaveLength(4);
        for (const cell of cells.slice(2)) expect(cell.length).toBeGreaterThan(10);
      }
    });
  },
);
