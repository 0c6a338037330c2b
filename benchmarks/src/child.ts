import { fork } from 'node:child_process';

const BUILT_PACKAGES = new URL('./built-packages.ts', import.meta.url).href;

export interface ChildOptions {
  /** Handed to the script as its only argument, as JSON. */
  readonly input: unknown;
  /** More flags for Node. */
  readonly execArgv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** @default 10 minutes */
  readonly timeoutMs?: number;
}

/**
 * What a script sends its parent first. Each measurement is a process of its own, so that nothing is left of the one
 * before it: no heap, no compiled code, no open connection. Our packages are those that were built.
 */
export function runChild<Result>(script: URL, options: ChildOptions): Promise<Result> {
  const { input, execArgv = [], env = {}, timeoutMs = 600_000 } = options;
  return new Promise((resolve, reject) => {
    const child = fork(script, [JSON.stringify(input)], {
      execArgv: ['--no-warnings', '--import', BUILT_PACKAGES, ...execArgv],
      env: { ...process.env, ...env },
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    child.once('message', (result) => {
      resolve(result as Result);
      child.kill('SIGKILL');
    });
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      reject(new Error(`${script.pathname} ended (${code ?? signal}) without a result`)),
    );
  });
}

/** In the script: its input. */
export function inputOf<Input>(): Input {
  return JSON.parse(process.argv[2] ?? '{}') as Input;
}

/** In the script: its result, after which it may end. */
export function giveResult(result: unknown): void {
  process.send?.(result);
}
