import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

interface Manifest {
  readonly version: string;
  readonly license?: string;
  readonly type?: string;
  readonly engines?: { readonly node?: string };
  readonly exports?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/comparison.md'), 'utf8');
const manifest = (path: string): Manifest => JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
const folderOf = (name: string): string => realpathSync(join(root, 'examples/migrating/node_modules', name));
const installed = (name: string): Manifest => manifest(folderOf(name));

/** The cells of a row, without its head and without ours. */
function peers(row: string): string[] {
  const line = page.split('\n').find((candidate) => candidate.startsWith(`| ${row} |`)) ?? '';
  return line
    .split(/(?<!\\)\|/)
    .slice(3, -1)
    .map((cell) => cell.trim().replaceAll('\\|', '|').replaceAll('`', ''));
}

const packages = peers('package');

test('the versions that are compared are those that the tests run', () => {
  expect(packages).toHaveLength(5);
  expect(peers('version')).toEqual(packages.map((name) => installed(name).version));
  expect(page).toContain(`\`@sentry/core\` ${installed('@sentry/core').version}`);
});

test('what the packages say of themselves is what the page says', () => {
  expect(peers('Node')).toEqual(packages.map((name) => installed(name).engines?.node ?? 'not stated'));
  expect(peers('license')).toEqual(packages.map((name) => installed(name).license));
  // Node heeds `exports` and `type`, and not the `module` that bundlers know.
  const modules = ({ exports, type }: Manifest) =>
    type === 'module' || JSON.stringify(exports ?? '').includes('.mjs');
  expect(peers('modules in Node').map((cell) => cell.startsWith('ES modules'))).toEqual(
    packages.map((name) => modules(installed(name))),
  );
});

test('the sources that are linked are of these versions', () => {
  const links = [...page.matchAll(/unpkg\.com\/((?:@[\w-]+\/)?[\w-]+)@([\d.]+)\//g)];
  expect(links.length).toBeGreaterThan(15);
  for (const [, name = '', version] of links) {
    // Comes with posthog-node, and lies beside it.
    if (name === '@posthog/core')
      expect(version).toBe(manifest(join(folderOf('posthog-node'), '..', name)).version);
    else if (name === '@sentry/node') expect(version).toBe(installed('@sentry/core').version);
    else expect(version).toBe(installed(name).version);
  }
});

test('the benchmarks measured the same versions', () => {
  const measured = manifest(join(root, 'benchmarks')).dependencies ?? {};
  const both = packages.filter((name) => name in measured);
  expect(both).toHaveLength(4);
  for (const name of both) expect(measured[name]).toBe(installed(name).version);
});
