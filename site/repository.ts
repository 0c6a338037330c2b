import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of the repository. */
export const root: string = join(import.meta.dirname, '..');

export const repository = 'https://github.com/verotrack/verotrack';

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly exports: Readonly<Record<string, string>>;
}

/** What an application can import. */
export interface PublicEntry {
  /** `@verotrack/core/adapter`, for example. */
  readonly name: string;
  /** The package that it is of. */
  readonly package: string;
  /** Its source, from the folder of the repository. */
  readonly file: string;
}

/** Every entry of every package that is published, as their manifests have them. */
export function publicEntries(): PublicEntry[] {
  const manifests = globSync('packages/*/package.json', { cwd: root }).toSorted();
  return manifests.flatMap((path) => {
    const manifest = JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;
    if (manifest.private) return [];
    return Object.entries(manifest.exports)
      .filter(([, file]) => file.endsWith('.ts'))
      .map(([entry, file]) => ({
        package: manifest.name,
        name: manifest.name + entry.slice(1),
        file: join(dirname(path), file),
      }));
  });
}
