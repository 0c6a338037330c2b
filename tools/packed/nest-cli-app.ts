/** A NestJS application as its CLI makes it, with its own build and its own tests. */
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Installer, install, write } from './install.ts';
import type { PackedPackage } from './pack.ts';
import { node, run } from './run.ts';
import { expectEvent } from './run-app.ts';

export interface NestCliApp {
  readonly name: string;
  readonly installer: Installer;
  /** Of `@nestjs/cli`. */
  readonly cli: string;
  /** The folder of `apps/` that is laid over what the CLI makes. */
  readonly sources: string;
}

export const nestCliApps: readonly NestCliApp[] = [
  // CommonJS, TypeScript 5.9, Jest 30 with ts-jest.
  { name: 'Nest 11 of its CLI', installer: 'npm', cli: '11.0.24', sources: 'nest-11-cli' },
  // ESM, TypeScript 6, Vitest 4.
  { name: 'Nest 12 of its CLI', installer: 'pnpm', cli: '12.0.8', sources: 'nest-12-cli' },
];

/** What lints and formats: nothing of ours is in it, and it takes long to install. */
const LINTERS = /eslint|prettier|oxlint|^globals$/;

export async function runNestCliApp(
  app: NestCliApp,
  packages: readonly PackedPackage[],
  work: string,
): Promise<void> {
  const name = app.sources;
  const made = ['new', name, '--skip-install', '--skip-git', '--package-manager', app.installer];
  await run('npx', ['--yes', '--prefer-offline', `@nestjs/cli@${app.cli}`, ...made], { cwd: work });
  const dir = join(work, name);
  const templates = join(import.meta.dirname, 'apps');
  cpSync(join(templates, app.sources), dir, { recursive: true });
  cpSync(join(templates, 'nest/track-one-event.ts'), join(dir, 'src/track-one-event.ts'));
  cpSync(join(templates, 'expect-one-event.ts'), join(dir, 'src/expect-one-event.ts'));
  const file = join(dir, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  const development = Object.entries<string>(manifest.devDependencies);
  manifest.devDependencies = Object.fromEntries(development.filter(([each]) => !LINTERS.test(each)));
  write(file, manifest);

  const ours = ['core', 'nestjs', 'testing', 'inspector'].map((each) => `@verotrack/${each}`);
  await install(dir, app.installer, packages, ours);
  for (const script of ['build', 'test', 'test:e2e']) await run('npm', ['run', script], { cwd: dir });
  // Neither of them looks at the types of the tests.
  await node(['node_modules/typescript/bin/tsc', '--noEmit'], { cwd: dir });
  await expectEvent(dir);
}
