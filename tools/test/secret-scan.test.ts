import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { scanFiles, secretsIn, TEST_MARKER } from '../secret-scan.ts';

it('the project has no secrets in it, and what it shows and builds no credential of a test', () => {
  expect(scanFiles()).toEqual([]);
});

// Put together, or this file would be found.
it.each([
  ['a private key', ['-----BEGIN RSA PRIVATE', ' KEY-----\n', 'A'.repeat(64)]],
  ['an AWS access key', ['AKI', 'A', 'Q'.repeat(16)]],
  ['an npm token', ['npm', '_', 'a'.repeat(36)]],
  ['a GitHub token', ['gh', 'p_', 'a'.repeat(36)]],
  ['a Google API key', ['AI', 'za', 'b'.repeat(35)]],
  ['a Slack token', ['xox', 'b-', '1'.repeat(24)]],
  ['a Stripe key', ['sk_', 'live_', 'c'.repeat(24)]],
  ['a JSON web token', ['eyJ', 'a'.repeat(12), '.eyJ', 'b'.repeat(12), '.', 'c'.repeat(24)]],
  ['a registry login', ['//registry.example/:_auth', 'Token=', 'd'.repeat(20)]],
])('%s is found', (kind, parts) => {
  expect(secretsIn(`x = "${parts.join('')}"\n`)).toEqual([kind]);
});

it('a credential of a test is found where something is shown or built, also in a folder with a dot', () => {
  const folder = mkdtempSync(join(tmpdir(), 'verotrack-secrets-'));
  const write = (path: string, text: string): void => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  try {
    write('packages/core/dist/index.mjs', `token = "${TEST_MARKER}x"`);
    write('packages/inspector/.page/assets/page.js', `${TEST_MARKER}x`);
    write('docs/some.md', `${TEST_MARKER}x`);
    write('docs/other.md', `Credentials begin with ${TEST_MARKER}.`);
    write('packages/core/test/some.test.ts', `${TEST_MARKER}x`);
    write('packages/core/node_modules/other/index.js', `${TEST_MARKER}x`);
    expect(scanFiles(folder).toSorted()).toEqual([
      'docs/some.md: a credential of a test',
      'packages/core/dist/index.mjs: a credential of a test',
      'packages/inspector/.page/assets/page.js: a credential of a test',
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
