import { expect, test } from 'vitest';
import { type Tarball, tarballProblems } from '../packed/tarball-rules.ts';
import { readManifest } from '../workspace.ts';

const { publishConfig: _, exports: __, bin: ___, ...rest } = readManifest('packages/sqlite');
const manifest = {
  ...rest,
  exports: { '.': './dist/index.mjs' },
  publishConfig: { access: 'public', provenance: true },
};
const files = {
  'package.json': '',
  'README.md': '',
  LICENSE: '',
  'CHANGELOG.md': '',
  'dist/index.mjs': '',
  'dist/index.d.mts': '',
};

function problems(more: Record<string, string>, fields: Record<string, unknown> = {}): string[] {
  const dependencies = { '@verotrack/core': '^0.1.0' };
  const tarball: Tarball = {
    dir: 'packages/sqlite',
    files: new Map(Object.entries({ ...files, ...more })),
    manifest: { ...manifest, dependencies, ...fields },
  };
  return tarballProblems(tarball);
}

test('a tarball as it should be has no problems', () => {
  expect(problems({})).toEqual([]);
});

test.each([
  'src/index.ts',
  'test/queue.test.ts',
  'dist/queue.test.mjs',
  'dist/index.ts',
  'dist/index.mjs.map',
  '.tsbuild/tsconfig.tsbuildinfo',
  'dist/tsconfig.tsbuildinfo',
])('%s does not belong into a tarball', (file) => {
  expect(problems({ [file]: '' })).toEqual([expect.stringContaining(file)]);
});

test('a source map that nobody gets is a problem', () => {
  const code = '//# sourceMappingURL=index.mjs.map\n';
  expect(problems({ 'dist/index.mjs': code })).toEqual([expect.stringContaining('index.mjs.map')]);
});

test.each([
  ['license', 'ISC'],
  ['repository', 'github:verotrack/verotrack'],
  ['engines', { node: '>=20' }],
  ['publishConfig', { access: 'public' }],
  ['keywords', ['vero']],
  ['sideEffects', undefined],
  ['exports', { '.': './src/index.ts' }],
  ['exports', { '.': { development: './dist/index.mjs' } }],
  ['dependencies', { '@verotrack/core': 'workspace:^' }],
  ['scripts', { postinstall: 'node dist/build.mjs' }],
])('%s is a problem as %j', (field, value) => {
  expect(problems({}, { [field]: value })).toEqual([expect.stringMatching(/^package\.json: /)]);
});

test('links of a README stay valid where npm shows it', () => {
  const readme = [
    '[up](../../docs/fleet.md)',
    '[gone](https://github.com/verotrack/verotrack/blob/main/docs/gone.md#there)',
    '[here](https://github.com/verotrack/verotrack/blob/main/docs/fleet.md#workers) and [below](#below)',
  ].join('\n');
  expect(problems({ 'README.md': readme })).toEqual([
    expect.stringContaining('../../docs/fleet.md leaves the package'),
    expect.stringContaining('there is no docs/gone.md'),
  ]);
});
