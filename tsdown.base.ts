import { readFileSync } from 'node:fs';
import type { UserConfig } from 'tsdown';

interface LibraryOptions {
  /** Dependencies that are ES modules only: the CommonJS build brings them along, the ESM build imports them. */
  readonly esmOnly?: readonly string[];
}

/** Builds what the `exports` of the package in the working directory list: ESM, CommonJS, and types of both. */
export function library({ esmOnly = [] }: LibraryOptions = {}): UserConfig[] {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: Record<string, string> };
  const shared = {
    entry: Object.values(exports).filter((path) => path.endsWith('.ts')),
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
    { ...shared, format: 'esm' },
    {
      ...shared,
      format: 'cjs',
      deps: { alwaysBundle: [...esmOnly], onlyBundle: [...esmOnly] },
      // Jest cannot `import()` from CommonJS.
      outputOptions: { dynamicImportInCjs: false },
    },
  ];
}
