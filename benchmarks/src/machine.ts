import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';

/** What was measured, and on what. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  /** Processes that wanted a core in the minute before. */
  readonly load: number;
  readonly versions: Readonly<Record<string, string>>;
  /** Of our packages. */
  readonly commit: string;
}

/** More than this before a run, and the machine has other work, too. */
export const QUIET_LOAD = 0.5;

const MODULES = join(import.meta.dirname, '../node_modules');
const OURS = '@verotrack';
const NOT_MEASURED: readonly string[] = ['@types', OURS];

export function describeMachine(): Machine {
  const [first] = cpus();
  return {
    cpu: first?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${distribution()}, ${type()} ${release()}`,
    node: process.versions.node,
    load: loadavg()[0] ?? 0,
    versions: versions(),
    commit: commit(),
  };
}

function distribution(): string {
  const file = '/etc/os-release';
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return /^PRETTY_NAME="?([^"\n]*)/m.exec(text)?.[1] ?? process.platform;
}

function versions(): Record<string, string> {
  const names = readdirSync(MODULES)
    .filter((name) => !name.startsWith('.') && !NOT_MEASURED.includes(name))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(MODULES, name)).map((own) => `${name}/${own}`) : [name],
    );
  return Object.fromEntries(
    names.map((name) => {
      const manifest = JSON.parse(readFileSync(join(MODULES, name, 'package.json'), 'utf8')) as {
        version: string;
      };
      return [name, manifest.version];
    }),
  );
}

function commit(): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
    const changed = git('status', '--porcelain', '--', '../../packages') ? ', with changes' : '';
    return git('rev-parse', '--short', 'HEAD') + changed;
  } catch {
    return 'unknown';
  }
}
