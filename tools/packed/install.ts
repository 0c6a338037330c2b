/** Makes a folder an application outside the workspace, and installs there as its package manager does. */

import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { PackedPackage } from './pack.ts';
import { node, pnpm, run } from './run.ts';

export type Installer = 'npm' | 'pnpm' | 'yarn classic' | 'yarn' | 'yarn pnp';

const require = createRequire(import.meta.url);
const yarnClassic = join(dirname(require.resolve('yarn/package.json')), 'bin/yarn.js');
const yarnBerry = join(dirname(require.resolve('@yarnpkg/cli-dist/package.json')), 'bin/yarn.js');

/**
 * Installs the packages from their tarballs, beside what the `package.json` of `app` has.
 * They depend on each other's published versions, which are these: hence the overrides.
 */
export async function install(
  app: string,
  installer: Installer,
  packages: readonly PackedPackage[],
  wanted: readonly string[],
): Promise<void> {
  const tarballs = Object.fromEntries(packages.map(({ name, tarball }) => [name, `file:${tarball}`]));
  const file = join(app, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  const ours = wanted.map((name) => [name, tarballs[name]]);
  Object.assign(manifest, {
    dependencies: { ...manifest.dependencies, ...Object.fromEntries(ours) },
    // As a package manager understands it; the others ignore it.
    ...(installer === 'npm' && { overrides: tarballs }),
    ...(installer.startsWith('yarn') && { resolutions: tarballs }),
  });
  write(file, manifest);
  await installers[installer](app, tarballs);
}

const installers: Readonly<
  Record<Installer, (app: string, tarballs: Record<string, string>) => Promise<unknown>>
> = {
  npm: (cwd) => run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund'], { cwd }),
  pnpm: (cwd, overrides) => {
    // Nothing has to be built; pnpm fails when it wasn't said of each package whether it has.
    write(join(cwd, 'pnpm-workspace.yaml'), { overrides, strictDepBuilds: false });
    return pnpm(['install', '--prefer-offline', '--no-frozen-lockfile'], { cwd });
  },
  'yarn classic': (cwd) => node([yarnClassic, 'install', '--prefer-offline', '--non-interactive'], { cwd }),
  yarn: (cwd) => berry(cwd, 'node-modules'),
  'yarn pnp': (cwd) => berry(cwd, 'pnp'),
};

function berry(cwd: string, nodeLinker: string): Promise<unknown> {
  // A lockfile of its own says that it belongs to no project above; and CI would forbid to write into it.
  writeFileSync(join(cwd, 'yarn.lock'), '');
  write(join(cwd, '.yarnrc.yml'), { nodeLinker, enableImmutableInstalls: false, enableTelemetry: false });
  return yarn(cwd, 'install');
}

/** The newest yarn. */
export const yarn = (cwd: string, ...args: string[]): Promise<string> => node([yarnBerry, ...args], { cwd });

/** JSON is YAML too. */
export function write(file: string, content: object): void {
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
}
