/** Installs an application, compiles it, and lets it track its event on each Node that we support. */
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace.ts';
import type { App } from './apps.ts';
import { type Installer, install, write, yarn } from './install.ts';
import type { PackedPackage } from './pack.ts';
import { node } from './run.ts';
import { compile } from './typescript.ts';
import { newest } from './versions.ts';

/** Beside the one that runs this. */
const otherNodes = ['22', '26']
  .map((version) => join(root, `tools/node-versions/node_modules/node-${version}/bin/node`))
  .filter((binary) => existsSync(binary));

export async function runApp(app: App, packages: readonly PackedPackage[], work: string): Promise<void> {
  const dir = join(work, app.name.replace(/\W+/g, '-'));
  mkdirSync(dir);
  const templates = join(import.meta.dirname, 'apps');
  cpSync(join(templates, app.sources), join(dir, 'src'), { recursive: true });
  cpSync(join(templates, 'expect-one-event.ts'), join(dir, 'src/expect-one-event.ts'));
  write(join(dir, 'package.json'), {
    name: 'app',
    private: true,
    type: app.type,
    dependencies: { ...newest('@types/node'), ...app.dependencies },
  });
  write(join(dir, 'tsconfig.json'), {
    include: ['src'],
    compilerOptions: {
      target: 'es2023',
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      declaration: true,
      rootDir: 'src',
      outDir: 'dist',
      ...app.compilerOptions,
    },
  });
  await install(dir, app.installer, packages, [...app.packages, '@verotrack/inspector']);
  await (app.installer === 'yarn pnp' ? yarn(dir, 'run', 'tsc') : compile(dir, app.typescript));
  await expectEvent(dir, app.installer);
}

/** Lets a compiled application track its event, on each Node. */
export async function expectEvent(dir: string, installer?: Installer): Promise<void> {
  const loader = installer === 'yarn pnp' ? ['--require', './.pnp.cjs', '--loader', './.pnp.loader.mjs'] : [];
  for (const binary of [process.execPath, ...otherNodes]) {
    const output = await node([...loader, 'dist/track-one-event.js'], { cwd: dir }, binary);
    if (!output.includes('one event arrived')) throw new Error(`it ended without its event\n${output}`);
  }
}
