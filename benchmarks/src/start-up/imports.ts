import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Contestant } from '../rounds.ts';

export type ImportFigures = {
  /** Of the whole process, from its start to its end. */
  readonly wallMs: number;
  readonly cpuMs: number;
};

const run = promisify(execFile);

/** A process that imports these, one after the other, says what that took, and ends. */
export function importing(
  name: string,
  folder: string,
  file: string,
  modules: readonly string[],
): Contestant<ImportFigures> {
  const script = join(folder, file);
  const lines = [
    ...modules.map((module) => `await import(${JSON.stringify(module)});`),
    'const { user, system } = process.cpuUsage();',
    'process.stdout.write(String(user + system));',
    // Some leave a timer behind.
    'process.exit();',
  ];
  writeFileSync(script, lines.join('\n'));
  return {
    name,
    async measure() {
      const start = performance.now();
      const { stdout } = await run(process.execPath, [script], { env: withoutOptions() });
      return { wallMs: performance.now() - start, cpuMs: Number(stdout) / 1_000 };
    },
  };
}

function withoutOptions(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, NODE_COMPILE_CACHE: __, ...env } = process.env;
  return env;
}
