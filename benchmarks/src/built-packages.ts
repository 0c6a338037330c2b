import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * Makes this process import our packages as they are published, not their sources. For `--import`.
 * A run that measures nothing needs no build: it sets BENCHMARKS_FROM to `sources`.
 */

interface Manifest {
  readonly publishConfig?: { readonly exports?: Readonly<Record<string, unknown>> };
}

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    const [, name, subpath = ''] = /^(@verotrack\/[^/]+)(\/.*)?$/.exec(specifier) ?? [];
    if (!name || !resolved.url.endsWith('.ts') || process.env.BENCHMARKS_FROM === 'sources') return resolved;
    const folder = packageOf(fileURLToPath(resolved.url));
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
    const entry = manifest.publishConfig?.exports?.[`.${subpath}`];
    if (!entry) return resolved;
    const file = join(folder, (entry as { import: { default: string } }).import.default);
    if (!existsSync(file)) throw new Error(`${file} is missing: run "pnpm build" first`);
    return { ...resolved, url: pathToFileURL(file).href, format: 'module' };
  },
});

function packageOf(file: string): string {
  const folder = dirname(file);
  return existsSync(join(folder, 'package.json')) ? folder : packageOf(folder);
}
