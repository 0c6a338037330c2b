/** The packages of the workspace, as `pnpm-workspace.yaml` and their manifests have them. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';

type Names = Readonly<Record<string, string>>;

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly bin?: Names;
  readonly scripts?: Names;
  readonly dependencies?: Names;
  readonly devDependencies?: Names;
  readonly optionalDependencies?: Names;
  readonly peerDependencies?: Names;
  readonly publishConfig?: { readonly access?: string; readonly tag?: string };
  readonly [field: string]: unknown;
}

/** The folder of the repository. */
export const root: string = join(import.meta.dirname, '..');

/** @param dir - the package's folder, from that of the repository: `packages/core` */
export function readManifest(dir: string, repository: string = root): Manifest {
  return JSON.parse(readFileSync(join(repository, dir, 'package.json'), 'utf8')) as Manifest;
}

/** Every package, by its folder; the workspace itself is `.`. */
export function workspacePackages(repository: string = root): ReadonlyMap<string, Manifest> {
  const text = readFileSync(join(repository, 'pnpm-workspace.yaml'), 'utf8');
  const { packages } = parse(text) as { readonly packages: readonly string[] };
  const dirs = ['.', ...packages].flatMap((pattern) =>
    globSync(join(pattern, 'package.json'), { cwd: repository }).map(dirname).toSorted(),
  );
  return new Map(dirs.map((dir) => [dir, readManifest(dir, repository)]));
}

/** Those that are published. */
export function publishedPackages(repository: string = root): ReadonlyMap<string, Manifest> {
  return new Map([...workspacePackages(repository)].filter(([, manifest]) => !manifest.private));
}
