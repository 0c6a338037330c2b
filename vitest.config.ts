import { createRequire } from 'node:module';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const suite = 'packages/adapter-suite';
/** Processes that are killed under load, and a soak. */
const underLoad = ['{packages,examples}/*/test/{kill,soak}/**/*.test.ts'];
const onPostgres = [
  'packages/pg-boss/test/**/*.test.ts',
  'examples/outbox-shop/test/**/*.test.ts',
  'examples/recipes/test/on-postgres/**/*.test.ts',
];
const browser = 'packages/inspector/test/browser';
const nest11 = `${suite}/test/nest-11.test.ts`;
const fromNest11 = createRequire(join(import.meta.dirname, suite, 'nest-11/package.json'));

/** CommonJS is imported as Node does it: Vitest looks at a default export that Vero's own client guards. */
const asNodeDoes = { interopDefault: false };

// Workspace packages resolve to their sources, so nothing needs a build.
export default defineConfig({
  test: {
    // No test is about time: these only end what hangs, also on a machine that is busy.
    testTimeout: 30_000,
    // Many tests wait for something: two files at a time keep two cores busy.
    maxWorkers: 2,
    hookTimeout: 30_000,
    expect: { poll: { timeout: 20_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/test/**/*.test.ts'],
          exclude: [`${suite}/**`, `${browser}/**`, ...onPostgres, ...underLoad],
        },
      },
      {
        extends: true,
        test: {
          name: 'postgres',
          include: onPostgres,
          exclude: underLoad,
          globalSetup: ['tools/postgres/vitest-setup.ts'],
        },
      },
      {
        extends: true,
        // Most of their time they wait: for a lease, a restart, a Postgres that is away. So two at a time, and nothing else.
        test: {
          name: 'reliability',
          include: [...underLoad],
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { name: 'adapters', include: [`${suite}/test/**/*.test.ts`], exclude: [nest11] },
      },
      {
        extends: true,
        plugins: [
          {
            // The oldest Nest that we support, for whoever imports Nest: the test as well as `packages/nestjs`.
            name: 'nest-11',
            enforce: 'pre',
            resolveId: (id) =>
              /^(@nestjs\/|rxjs|reflect-metadata)/.test(id) ? fromNest11.resolve(id) : undefined,
          },
        ],
        test: { name: 'nest-11', include: [nest11] },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: [`${browser}/**/*.test.ts`],
          globalSetup: [`${browser}/build-page.ts`],
          // Each has a browser of its own.
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'examples',
          include: ['examples/*/test/**/*.test.ts'],
          exclude: onPostgres,
          deps: asNodeDoes,
        },
      },
      {
        extends: true,
        test: {
          name: 'benchmarks',
          include: ['benchmarks/test/**/*.test.ts'],
          deps: asNodeDoes,
        },
      },
      { extends: true, test: { name: 'docs', include: ['tools/test/**/*.test.ts'] } },
    ],
  },
});
