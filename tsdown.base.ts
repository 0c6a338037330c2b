import { readFileSync } from 'node:fs';
import type { UserConfig } from 'tsdown';

interface LibraryOptions {
  /** Dependencies that are ES modules only: the CommonJS build brings them along, the ESM build imports them. */
  readonly esmOnly?: readonly string[];
  /** Files that run in a thread of their own: ES modules, which the CommonJS build starts too. */
  readonly threads?: readonly string[];
}

interface Manifest {
  readonly exports: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
}

/** Builds what the `exports` of the package in the working directory list: ESM, CommonJS, and types of both; and its commands. */
export function library({ esmOnly = [], threads = [] }: LibraryOptions = {}): UserConfig[] {
  const { exports, bin = {} } = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
  const entry = Object.values(exports).filter((path) => path.endsWith('.ts'));
  const shared = {
    platform: 'node',
    target: 'node22.19',
    dts: true,
    // `.mjs` and `.cjs`, whatever the package's `type`.
    fixedExtension: true,
    logLevel: 'warn',
    failOnWarn: true,
    // We know that CommonJS is old; so is Jest.
    checks: { legacyCjs: false },
  } satisfies UserConfig;
  return [
    { ...shared, entry: [...entry, ...Object.values(bin), ...threads], format: 'esm' },
    {
      ...shared,
      entry,
      format: 'cjs',
      deps: { alwaysBundle: [...esmOnly], onlyBundle: [...esmOnly] },
      // Jest cannot `import()` from CommonJS.
      outputOptions: { dynamicImportInCjs: false },
    },
  ];
}
