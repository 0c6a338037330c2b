/**
 * Judges the packages as users get them: packs each, lints the tarballs, then installs them all into a fresh ESM app
 * with the newest frameworks and a fresh CommonJS app with the oldest, loads every file, and compiles `consumer` there.
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { secretsIn, TEST_MARKER } from './secret-scan.ts';

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports: Record<string, unknown>;
  readonly publishConfig?: { readonly bin?: Record<string, string> };
  readonly devDependencies: Record<string, string>;
}

interface Packed {
  readonly name: string;
  readonly tarball: string;
  /** `@verotrack/core`, `@verotrack/core/adapter` and so on. */
  readonly entries: readonly string[];
  /** The files of its commands, below `node_modules`. */
  readonly commands: readonly string[];
}

/** Entries that add matchers to the test runner around them. */
const NEEDS_A_RUNNER = /\/testing\/(dist\/)?(jest|vitest)\b/;
/** Are ES modules only, and loaded when first needed: Node's `require` takes them, Jest's does not. */
const NOT_FOR_JEST: readonly string[] = ['pg-boss'];

const root = join(import.meta.dirname, '..');
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const work = mkdtempSync(join(tmpdir(), 'verotrack-packages-'));
const problems: string[] = [];
try {
  pnpm(root, 'build');
  const packages = pack();
  for (const each of packages) await lint(each);

  const newest = manifest('packages/adapter-suite').devDependencies;
  const oldest = manifest('packages/adapter-suite/nest-11').devDependencies;
  consume('module', packages, newest);
  consume('commonjs', packages, { ...newest, ...oldest, express: newest['express-4'] ?? '' });

  for (const problem of problems) console.error(problem);
  console.log(`${packages.length} packages packed, ${problems.length} problems`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

function pack(): Packed[] {
  pnpm(root, '-r', '--filter', './packages/*', 'pack', '--silent', '--out', join(work, '%s.tgz'));
  const manifests = readdirSync(join(root, 'packages')).map((dir) => manifest(`packages/${dir}`));
  return manifests
    .filter((each) => !each.private)
    .map(({ name, exports, publishConfig }) => {
      const paths = Object.keys(exports).filter((path) => path !== './package.json');
      const tarball = join(work, `${name.slice(1).replace('/', '-')}.tgz`);
      const commands = Object.values(publishConfig?.bin ?? {}).map((path) => join(name, path));
      return { name, tarball, commands, entries: paths.map((path) => name + path.slice(1)) };
    });
}

async function lint({ name, tarball }: Packed): Promise<void> {
  const bytes = readFileSync(tarball);
  const text = gunzipSync(bytes).toString('latin1');
  for (const kind of secretsIn(text)) problems.push(`${name}: ${kind} is in its tarball`);
  if (text.includes(TEST_MARKER)) problems.push(`${name}: a credential of a test is in its tarball`);
  const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(bytes).buffer } });
  for (const message of messages) problems.push(`${name}: publint: ${formatMessage(message, pkg)}`);
  const types = await checkPackage(createPackageFromTarballData(bytes));
  if (!types.types) problems.push(`${name}: no types`);
  // `node10` is a resolution from before `exports`: of a package's entries it finds the main one only.
  for (const problem of types.types ? types.problems : []) {
    if (!('resolutionKind' in problem && problem.resolutionKind === 'node10')) {
      problems.push(`${name}: types: ${JSON.stringify(problem)}`);
    }
  }
}

function consume(
  type: 'module' | 'commonjs',
  packages: readonly Packed[],
  frameworks: Record<string, string>,
): void {
  const app = join(work, type);
  mkdirSync(app);
  const tarballs = Object.fromEntries(packages.map(({ name, tarball }) => [name, `file:${tarball}`]));
  const peers = Object.entries(frameworks).filter(([, version]) => !version.startsWith('workspace:'));
  const runners = { ...manifest('packages/testing').devDependencies, ...manifest('.').devDependencies };
  const dependencies = {
    ...Object.fromEntries(peers),
    ...tarballs,
    ...Object.fromEntries(
      ['@jest/globals', '@types/jest', 'expect', 'jest', 'vitest'].map((name) => [name, runners[name]]),
    ),
    '@types/node': manifest('.').devDependencies['@types/node'],
  };
  write(app, 'package.json', { name: 'app', private: true, type, dependencies });
  // The packages depend on each other's published versions, which are these.
  write(app, 'pnpm-workspace.yaml', {
    overrides: tarballs,
    allowBuilds: { '@nestjs/core': false, '@parcel/watcher': false },
  });
  pnpm(app, 'install', '--silent', '--prefer-offline', '--no-frozen-lockfile');

  const isModule = type === 'module';
  const ext = isModule ? 'mjs' : 'cjs';
  const entries = packages.flatMap((each) => each.entries);
  const isLoadable = (id: string): boolean => !NEEDS_A_RUNNER.test(id);
  const files = packages.flatMap(({ name }) => globSync(`node_modules/${name}/dist/*.${ext}`, { cwd: app }));
  const ids = [...entries, ...files.map((file) => `./${file}`)].filter(isLoadable);
  const lines = isModule ? ids.map((id) => `await import('${id}');`) : ids.map((id) => `require('${id}');`);
  const late = isModule ? [] : files.filter(isLoadable).flatMap((file) => lateRequires(app, file));
  lines.push(...late.filter(({ id }) => !NOT_FOR_JEST.includes(id)).map(({ line }) => line));
  writeFileSync(join(app, `load.${ext}`), lines.join('\n'));
  // Jest knows neither `require` of an ES module nor `import()`, so the CommonJS build has to do without.
  attempt(`load as ${type}`, app, ...(isModule ? [] : ['--no-experimental-require-module']), `load.${ext}`);
  if (!isModule) {
    writeFileSync(join(app, 'load-late.cjs'), late.map(({ line }) => line).join('\n'));
    attempt('load ES modules as commonjs', app, 'load-late.cjs');
  }

  for (const command of packages.flatMap((each) => each.commands)) {
    attempt(`the command ${command}`, app, join('node_modules', command), '--help');
  }

  const names = entries.map((entry, i) => `import * as entry${i} from '${entry}';\nexport { entry${i} };`);
  writeFileSync(join(app, 'types.ts'), names.join('\n'));
  cpSync(join(root, 'tools/consumer'), join(app, 'consumer'), { recursive: true });
  // `node18` is the last to refuse an ES module's types in CommonJS.
  const options = `--module ${isModule ? 'nodenext' : 'node18'} --target es2023 --types node --strict --esModuleInterop`;
  // With declarations: whatever a consumer exports, its type can be written down.
  const more = '--exactOptionalPropertyTypes --experimentalDecorators --declaration --outDir built';
  const sources = ['types.ts', ...globSync('consumer/*.ts', { cwd: app })];
  attempt(`types as ${type}`, app, tsc, ...options.split(' '), ...more.split(' '), ...sources);

  write(app, 'jest.config.json', {
    roots: ['consumer/jest'],
    testMatch: [`**/*.${isModule ? 'mjs' : 'cjs'}`],
  });
  attempt(
    `Jest as ${type}`,
    app,
    '--experimental-vm-modules',
    '--no-warnings',
    'node_modules/jest/bin/jest.js',
  );
  if (isModule) attempt('Vitest', app, 'node_modules/vitest/vitest.mjs', 'run', '--dir', 'consumer/vitest');
}

/** What a CommonJS file requires, now or at a later call, required now. */
function lateRequires(app: string, file: string): { readonly id: string; readonly line: string }[] {
  const source = readFileSync(join(app, file), 'utf8');
  if (/^[^*/]*(?<![#.\w])import\(/m.test(source)) problems.push(`${file}: has an import()`);
  const ids = new Set([...source.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, id = '']) => id));
  // From where the package really is: the application must not lend it what it doesn't depend on.
  const from = realpathSync(join(app, file));
  return [...ids].map((id) => ({ id, line: `require('node:module').createRequire('${from}')('${id}');` }));
}

function attempt(what: string, cwd: string, ...args: string[]): void {
  try {
    execFileSync(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
  } catch (thrown) {
    const { stdout, stderr } = thrown as { stdout: string; stderr: string };
    problems.push(`${what}:\n${stdout}${stderr}`);
  }
}

function pnpm(cwd: string, ...args: string[]): void {
  execFileSync('npx', ['--yes', 'pnpm@12', ...args], { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
}

function manifest(dir: string): Manifest {
  return JSON.parse(readFileSync(join(root, dir, 'package.json'), 'utf8')) as Manifest;
}

/** JSON is YAML too. */
function write(dir: string, file: string, content: object): void {
  writeFileSync(join(dir, file), JSON.stringify(content, null, 2));
}
