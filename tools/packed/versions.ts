/** Which versions of frameworks and runners the applications install. */
import { readManifest } from '../workspace.ts';
import type { PackedPackage } from './pack.ts';

/** Of everything that the workspace pins, which is the newest. */
const pinned: Readonly<Record<string, string>> = Object.assign(
  {},
  ...['packages/opentelemetry', 'packages/testing', 'packages/adapter-suite', 'tools/packed', '.'].map(
    (dir) => readManifest(dir).devDependencies,
  ),
);

/** What the workspace tests with. */
export function newest(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => [name, pinned[name] ?? fail(`the workspace has no ${name}`)]),
  );
}

/** Where the range of a peer dependency begins: `^4.18.0 || ^5.0.0` does with 4.18.0. */
export function lowest({ manifest }: PackedPackage): Record<string, string> {
  const ranges = Object.entries(manifest.peerDependencies ?? {});
  return Object.fromEntries(
    ranges.map(([name, range]) => [name, /\d+\.\d+\.\d+/.exec(range)?.[0] ?? fail(`${name}: ${range}`)]),
  );
}

function fail(message: string): never {
  throw new Error(message);
}
