/** Builds every package, and packs each as it is published. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPackageFromTarballData, type Package } from '@arethetypeswrong/core';
import { type Manifest, publishedPackages, root } from '../workspace.ts';
import { pnpm } from './run.ts';

export interface PackedPackage {
  readonly name: string;
  /** Where it comes from, from the root: `packages/core`. */
  readonly dir: string;
  readonly tarball: string;
  /** As it is in the tarball. */
  readonly manifest: Manifest;
  /** Everything in the tarball, by its path in the package. */
  readonly files: ReadonlyMap<string, string>;
  readonly unpacked: Package;
  /** What can be imported: `@verotrack/core`, `@verotrack/core/adapter` and so on. */
  readonly entries: readonly string[];
  /** The files of its commands, below `node_modules`. */
  readonly commands: readonly string[];
}

export async function packPackages(into: string): Promise<PackedPackage[]> {
  await pnpm(['build'], { cwd: root });
  const published = [...publishedPackages()];
  const filters = published.flatMap(([dir]) => ['--filter', `./${dir}`]);
  await pnpm(['-r', ...filters, 'pack', '--silent', '--out', join(into, '%s.tgz')], { cwd: root });
  return published.map(([dir, { name }]) => {
    const tarball = join(into, `${name.slice(1).replace('/', '-')}.tgz`);
    const unpacked = createPackageFromTarballData(readFileSync(tarball));
    const folder = `/node_modules/${name}/`;
    const files = new Map(
      unpacked.listFiles().map((path) => [path.slice(folder.length), unpacked.readFile(path)]),
    );
    const manifest = JSON.parse(files.get('package.json') ?? '{}') as Manifest;
    const paths = Object.keys(manifest.exports ?? {}).filter((path) => path !== './package.json');
    const entries = paths.map((path) => name + path.slice(1));
    const commands = Object.values(manifest.bin ?? {}).map((path) => join(name, path));
    return { name, dir, tarball, manifest, files, unpacked, entries, commands };
  });
}
