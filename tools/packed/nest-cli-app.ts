/** A NestJS application as its CLI makes it, with its own build and its own tests. */
import { cpSync, globSync, readFileSync, writeFileSync } from 'node:fs';
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
  /** Makes of a file in `apps/nest-cli` one that fits. */
  readonly adapt: (source: string) => string;
}

export const nestCliApps: readonly NestCliApp[] = [
  {
    // CommonJS, TypeScript 5.9, and Jest 30 with ts-jest, which finds no `.js` for a `.ts`.
    name: 'nest-cli-11',
    installer: 'npm',
    cli: '11.0.24',
    adapt: (source) => source.replace(/(from '\.[^']+)\.js'/g, "$1'").replace('/vitest-4', '/jest'),
  },
  {
    // ES modules, TypeScript 6, and Vitest 4.
    name: 'nest-cli-12',
    installer: 'pnpm',
    cli: '12.0.8',
    adapt: (source) => source,
  },
];

/** What lints and formats: nothing of ours is in it, and it takes long to install. */
const LINTERS = /eslint|prettier|oxlint|^globals$/;

export async function runNestCliApp(
  { name, installer, cli, adapt }: NestCliApp,
  packages: readonly PackedPackage[],
  work: string,
): Promise<void> {
  const command = ['new', name, '--skip-install', '--skip-git', '--package-manager', installer];
  await run('npx', ['--yes', '--prefer-offline', `@nestjs/cli@${cli}`, ...command], { cwd: work });
  const dir = join(work, name);
  const templates = join(import.meta.dirname, 'apps');
  const ours = join(templates, 'nest-cli');
  for (const file of globSync('**/*.ts', { cwd: ours })) {
    writeFileSync(join(dir, file), adapt(readFileSync(join(ours, file), 'utf8')));
  }
  cpSync(join(templates, 'nest/track-one-event.ts'), join(dir, 'src/track-one-event.ts'));
  cpSync(join(templates, 'expect-one-event.ts'), join(dir, 'src/expect-one-event.ts'));
  withoutLinters(join(dir, 'package.json'));

  const wanted = ['core', 'nestjs', 'plan', 'testing', 'inspector'].map((each) => `@verotrack/${each}`);
  await install(dir, installer, packages, wanted);
  for (const script of ['build', 'test', 'test:e2e']) await run('npm', ['run', script], { cwd: dir });
  // Neither of them looks at the types of the tests.
  await node(['node_modules/typescript/bin/tsc', '--noEmit'], { cwd: dir });
  await expectEvent(dir);
}

function withoutLinters(file: string): void {
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  const development = Object.entries<string>(manifest.devDependencies);
  manifest.devDependencies = Object.fromEntries(development.filter(([each]) => !LINTERS.test(each)));
  write(file, manifest);
}
