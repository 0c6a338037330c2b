/**
 * All packages in one application, of ES modules with the newest frameworks and runners and of CommonJS with the lowest:
 * every file loads, every command starts, the matchers work in the runners, and every type compiles.
 */
import { cpSync, globSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { install, write } from './install.ts';
import type { PackedPackage } from './pack.ts';
import type { Report } from './report.ts';
import { node, type Task } from './run.ts';
import { typeChecks } from './type-checks.ts';
import { lowest, newest } from './versions.ts';

/** Entries that add matchers to the test runner around them. */
const NEEDS_A_RUNNER = /\/testing\/(dist\/)?(jest|vitest)\b/;
/** Are ES modules only, and loaded when first needed: Node's `require` takes them, Jest's does not. */
const NOT_FOR_JEST: readonly string[] = ['pg-boss'];

/** The `exports` of 7.1.0 have no types, so that Nest's own compile with `moduleResolution: node10` only. */
const RXJS_WITH_TYPES = '7.5.5';

/** The newest writes against a newer API than the lowest that is supported. */
const INSTRUMENTATION_OF_ITS_TIME = '0.57.2';

const FRAMEWORKS = [
  ...['express', '@types/express', '@nestjs/common', '@nestjs/core', '@nestjs/platform-express', 'rxjs'],
  ...['reflect-metadata', '@trpc/server', 'zod', 'vitest', 'jest', '@jest/globals', '@types/jest', 'expect'],
  ...['@opentelemetry/api', '@opentelemetry/instrumentation'],
];

/** Installs everything. @returns what is to be checked there */
export async function installEverything(
  type: 'module' | 'commonjs',
  packages: readonly PackedPackage[],
  work: string,
  report: Report,
): Promise<Task[]> {
  const isModule = type === 'module';
  const app = join(work, `everything-${type}`);
  mkdirSync(app);
  const dependencies = { ...newest('@types/node', ...FRAMEWORKS), ...(!isModule && lowestOfAll(packages)) };
  write(join(app, 'package.json'), { name: 'app', private: true, type, dependencies });
  const names = packages.map(({ name }) => name);
  await install(app, 'pnpm', packages, names);

  const attempt: Attempt = (what, ...args) =>
    report.attempt(`${what} (${type})`, () => node(args, { cwd: app }));
  cpSync(join(import.meta.dirname, 'consumer'), join(app, 'consumer'), { recursive: true });
  const commands = packages.flatMap((each) => each.commands);
  return [
    ...typeChecks(app, type, packages, report),
    () => runners(app, isModule, attempt),
    () => load(app, isModule, packages, attempt, report),
    ...commands.map((file) => () => attempt(`the command ${file}`, join('node_modules', file), '--help')),
  ];
}

function lowestOfAll(packages: readonly PackedPackage[]): Record<string, string> {
  const peers: Record<string, string> = Object.assign({}, ...packages.map(lowest));
  const { '@jest/globals': jest = '', '@nestjs/core': nest = '' } = peers;
  return {
    ...peers,
    jest,
    '@nestjs/platform-express': nest,
    rxjs: RXJS_WITH_TYPES,
    '@opentelemetry/instrumentation': INSTRUMENTATION_OF_ITS_TIME,
  };
}

type Attempt = (what: string, ...args: string[]) => Promise<void>;

async function load(
  app: string,
  isModule: boolean,
  packages: readonly PackedPackage[],
  attempt: Attempt,
  report: Report,
): Promise<void> {
  const ext = isModule ? 'mjs' : 'cjs';
  const files = packages.flatMap(({ name }) => globSync(`node_modules/${name}/dist/*.${ext}`, { cwd: app }));
  const entries = packages.flatMap((each) => each.entries);
  const isLoadable = (id: string): boolean => !NEEDS_A_RUNNER.test(id);
  const ids = [...entries, ...files.map((file) => `./${file}`)].filter(isLoadable);
  const lines = isModule ? ids.map((id) => `await import('${id}');`) : ids.map((id) => `require('${id}');`);
  const late = isModule ? [] : files.filter(isLoadable).flatMap((file) => lateRequires(app, file, report));
  lines.push(...late.filter(({ id }) => !NOT_FOR_JEST.includes(id)).map(({ line }) => line));
  writeFileSync(join(app, `load.${ext}`), lines.join('\n'));
  // Jest knows neither `require` of an ES module nor `import()`, so the CommonJS build has to do without.
  await attempt('load', ...(isModule ? [] : ['--no-experimental-require-module']), `load.${ext}`);
  if (isModule) return;
  writeFileSync(join(app, 'load-late.cjs'), late.map(({ line }) => line).join('\n'));
  await attempt('load ES modules', 'load-late.cjs');
}

/** What a CommonJS file requires, now or at a later call, required now. */
function lateRequires(
  app: string,
  file: string,
  report: Report,
): { readonly id: string; readonly line: string }[] {
  const source = readFileSync(join(app, file), 'utf8');
  if (/^[^*/]*(?<![#.\w])import\(/m.test(source)) report.problems.push(`${file}: has an import()`);
  const ids = new Set([...source.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, id = '']) => id));
  // From where the package really is: the application must not lend it what it doesn't depend on.
  const from = realpathSync(join(app, file));
  return [...ids].map((id) => ({ id, line: `require('node:module').createRequire('${from}')('${id}');` }));
}

async function runners(app: string, isModule: boolean, attempt: Attempt): Promise<void> {
  write(join(app, 'jest.config.json'), {
    roots: ['consumer/jest'],
    testMatch: [`**/*.${isModule ? 'mjs' : 'cjs'}`],
  });
  await attempt('Jest', '--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js');
  const tests = isModule ? 'consumer/vitest' : 'consumer/vitest-4';
  await attempt('Vitest', 'node_modules/vitest/vitest.mjs', 'run', '--dir', tests);
}
