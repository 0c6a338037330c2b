import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const PACKAGE = join(import.meta.dirname, '../..');
const VITE = join(PACKAGE, 'node_modules/vite/bin/vite.js');

/** Before the browser tests: the page as `build:page` builds it. */
export async function setup(): Promise<void> {
  await promisify(execFile)(
    process.execPath,
    [VITE, 'build', 'page', '--outDir', '../.page', '--emptyOutDir', '--logLevel', 'warn'],
    { cwd: PACKAGE, env: { ...process.env, NODE_ENV: 'production' } },
  );
}
