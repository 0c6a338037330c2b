/** The compilers of which users have one. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { node } from './run.ts';

export type CompilerVersion = '5.9' | '6' | '7';

const require = createRequire(import.meta.url);

/** Compiles the project in a folder. @throws with what the compiler said */
export async function compile(cwd: string, version: CompilerVersion, ...args: string[]): Promise<void> {
  const name = version === '7' ? 'typescript' : `typescript-${version}`;
  await node([join(dirname(require.resolve(`${name}/package.json`)), 'bin/tsc'), ...args], { cwd });
}
