import { spawn } from 'node:child_process';
import { delimiter, dirname } from 'node:path';

/** What ends a command that hangs. */
const TIMEOUT_MS = 5 * 60_000;
/** Package managers and their scripts, too, run on the Node that runs this. */
const PATH = dirname(process.execPath) + delimiter + process.env.PATH;

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command to its end. @returns what it printed @throws with what it printed, if it fails */
export function run(command: string, args: readonly string[], { cwd, env }: RunOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT_MS,
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${[command, ...args].join(' ')}: ${signal ?? `exit code ${code}`}\n${output}`));
    });
  });
}

/** Runs a script with a Node: the one that runs this, unless told. */
export const node = (
  args: readonly string[],
  options: RunOptions,
  binary = process.execPath,
): Promise<string> => run(binary, args, options);

export const pnpm = (args: readonly string[], options: RunOptions): Promise<string> =>
  run('npx', ['--yes', 'pnpm@12', ...args], options);

export type Task = () => Promise<void>;

/** Works off tasks in their order, two at a time: as many as CI has cores. */
export async function twoAtATime(tasks: readonly Task[]): Promise<void> {
  const waiting = [...tasks];
  const work = async (): Promise<void> => {
    for (let task = waiting.shift(); task; task = waiting.shift()) await task();
  };
  await Promise.all([work(), work()]);
}
