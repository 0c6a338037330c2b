import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package whose start is measured. */
export interface Measured {
  readonly name: string;
  /** Of ours, those that have to be installed with it, because the registry has not got them. */
  readonly with: readonly string[];
  /** What the application has imported before it: its framework. */
  readonly after: readonly string[];
  readonly isOurs: boolean;
}

const CORE = '@verotrack/core';
const NEST = ['reflect-metadata', '@nestjs/common', '@nestjs/core'];

const ours = (name: string, after: readonly string[] = []): Measured => ({
  name,
  with: name === CORE ? [] : [CORE],
  after,
  isOurs: true,
});
const peer = (name: string): Measured => ({ name, with: [], after: [], isOurs: false });

export const PACKAGES: readonly Measured[] = [
  ours(CORE),
  ours('@verotrack/express', ['express']),
  ours('@verotrack/nestjs', NEST),
  ours('@verotrack/trpc', ['@trpc/server']),
  ours('@verotrack/sqlite'),
  ours('@verotrack/pg-boss'),
];
export const PEERS: readonly Measured[] = [
  peer('@getvero/tracking'),
  peer('@segment/analytics-node'),
  peer('posthog-node'),
  peer('@rudderstack/rudder-sdk-node'),
];

export interface Size {
  /** Of the package and what it brings. */
  readonly kilobytes: number;
  readonly packages: number;
}

const ROOT = join(import.meta.dirname, '../../..');

/** Packs all of ours, as they would be published. */
export function pack(folder: string): void {
  const args = ['-r', '--filter', './packages/*', 'pack', '--silent', '--out', join(folder, '%s.tgz')];
  execFileSync('npx', ['--yes', 'pnpm@12', ...args], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Installs one as its user does, into a folder of its own, and then the frameworks, which its user has. */
export function install(measured: Measured, tarballs: string, app: string): Size {
  mkdirSync(app, { recursive: true });
  writeFileSync(join(app, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const own = [measured.name, ...measured.with].map((name) =>
    measured.isOurs ? join(tarballs, `${name.slice(1).replace('/', '-')}.tgz`) : versioned(name),
  );
  // Peers are the application's: they are neither counted nor chosen by npm.
  npmInstall(app, ['--legacy-peer-deps', ...own]);
  const size = sizeOf(app);
  if (measured.after.length > 0) npmInstall(app, ['--legacy-peer-deps', ...withNeeds(measured.after)]);
  return size;
}

/** What Nest leaves to its application. */
const withNeeds = (names: readonly string[]): string[] =>
  [...names, ...(names.includes('@nestjs/core') ? ['rxjs'] : [])].map(versioned);

/** As in this workspace. */
function versioned(name: string): string {
  const file = join(import.meta.dirname, '../../package.json');
  const { dependencies } = JSON.parse(readFileSync(file, 'utf8')) as { dependencies: Record<string, string> };
  return `${name}@${dependencies[name] ?? 'latest'}`;
}

function npmInstall(app: string, args: readonly string[]): void {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts', '--prefer-offline'];
  execFileSync('npm', ['install', ...quiet, ...args], { cwd: app, stdio: ['ignore', 'ignore', 'inherit'] });
}

function sizeOf(app: string): Size {
  const modules = join(app, 'node_modules');
  const files = globSync('**', { cwd: modules, withFileTypes: true }).filter((file) => file.isFile());
  const bytes = files
    .filter(({ parentPath, name }) => !(parentPath === modules && name === '.package-lock.json'))
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
  const lock = join(modules, '.package-lock.json');
  if (!existsSync(lock)) throw new Error(`${app}: nothing was installed`);
  const { packages } = JSON.parse(readFileSync(lock, 'utf8')) as { packages: object };
  return { kilobytes: bytes / 1_000, packages: Object.keys(packages).length };
}
