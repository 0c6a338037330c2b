/** The applications into which the packages are installed. Each tracks one event to the inspector, by a real request. */
import type { Installer } from './install.ts';
import type { PackedPackage } from './pack.ts';
import type { CompilerVersion } from './typescript.ts';
import { lowest, newest } from './versions.ts';

export interface App {
  readonly name: string;
  readonly installer: Installer;
  /** The folder of `apps/` with what is its own. */
  readonly sources: string;
  readonly type: 'module' | 'commonjs';
  /** Of ours; `@verotrack/inspector` comes with each. */
  readonly packages: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
  readonly typescript: CompilerVersion;
  readonly compilerOptions: Readonly<Record<string, unknown>>;
}

const nodenext = { module: 'nodenext' };
const bundler = { module: 'esnext', moduleResolution: 'bundler' };
/** As before packages had `exports`. */
const classic = { module: 'commonjs', moduleResolution: 'node10', esModuleInterop: true };

export function apps(packages: readonly PackedPackage[]): App[] {
  const lowestOf = (name: string): Record<string, string> => {
    const packed = packages.find((each) => each.name === name);
    if (!packed) throw new Error(`There is no ${name}.`);
    return lowest(packed);
  };
  return [
    {
      name: 'Express 5, ESM',
      installer: 'npm',
      sources: 'express',
      type: 'module',
      packages: ['@verotrack/core', '@verotrack/express'],
      dependencies: newest('express', '@types/express'),
      typescript: '7',
      compilerOptions: nodenext,
    },
    {
      name: 'Express 4, CommonJS',
      installer: 'yarn classic',
      sources: 'express',
      type: 'commonjs',
      packages: ['@verotrack/core', '@verotrack/express'],
      dependencies: lowestOf('@verotrack/express'),
      typescript: '5.9',
      compilerOptions: classic,
    },
    {
      name: 'lowest Nest 11, CommonJS',
      installer: 'yarn classic',
      sources: 'nest',
      type: 'commonjs',
      packages: ['@verotrack/core', '@verotrack/nestjs', '@verotrack/plan'],
      dependencies: {
        ...lowestOf('@verotrack/nestjs'),
        '@nestjs/platform-express': lowestOf('@verotrack/nestjs')['@nestjs/core'] ?? '',
      },
      typescript: '5.9',
      compilerOptions: { ...classic, experimentalDecorators: true, emitDecoratorMetadata: true },
    },
    {
      name: 'lowest tRPC, CommonJS',
      installer: 'yarn',
      sources: 'trpc',
      type: 'commonjs',
      packages: ['@verotrack/core', '@verotrack/trpc'],
      dependencies: { ...lowestOf('@verotrack/trpc'), ...newest('zod') },
      typescript: '6',
      compilerOptions: nodenext,
    },
    {
      name: 'newest tRPC, ESM',
      installer: 'pnpm',
      sources: 'trpc',
      type: 'module',
      packages: ['@verotrack/core', '@verotrack/trpc'],
      dependencies: newest('@trpc/server', 'zod'),
      typescript: '7',
      compilerOptions: bundler,
    },
    {
      name: 'plain, ESM',
      installer: 'yarn pnp',
      sources: 'plain',
      type: 'module',
      packages: ['@verotrack/core', '@verotrack/sqlite', '@verotrack/pg-boss'],
      // Without `node_modules` it has to be a compiler that yarn knows how to patch, and the application's own.
      dependencies: { typescript: newest('typescript-6')['typescript-6'] ?? '' },
      typescript: '6',
      compilerOptions: nodenext,
    },
    {
      name: 'plain, CommonJS',
      installer: 'npm',
      sources: 'plain',
      type: 'commonjs',
      packages: ['@verotrack/core', '@verotrack/sqlite', '@verotrack/pg-boss'],
      dependencies: {},
      typescript: '5.9',
      compilerOptions: nodenext,
    },
  ];
}
