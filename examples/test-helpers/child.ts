import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const examples = join(import.meta.dirname, '..');

/** A program of the examples in a process of its own, and what it prints. */
export class Child {
  readonly process: ChildProcess;
  readonly exit: Promise<number | NodeJS.Signals | null>;
  output = '';
  #isOver = false;
  readonly #checks = new Set<() => void>();

  /** Starts a file, with more of the environment, of Node's options and with arguments where it needs them. */
  constructor(
    file: string,
    env: NodeJS.ProcessEnv = {},
    options: readonly string[] = [],
    args: readonly string[] = [],
  ) {
    const path = join(examples, file);
    this.process = spawn(process.execPath, [...options, path, ...args], {
      cwd: join(path, '..'),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        for (const check of this.#checks) check();
      });
    }
    this.exit = once(this.process, 'close').then(([code, signal]) => {
      this.#isOver = true;
      for (const check of this.#checks) check();
      return code ?? signal;
    });
    // For when a test fails, or takes too long, before its child has ended.
    onTestFinished(async () => {
      this.process.kill('SIGKILL');
      await this.exit;
    });
  }

  /** Resolves with what matches, once it was printed. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const found = pattern.exec(this.output);
        if (!found && !this.#isOver) return;
        this.#checks.delete(check);
        if (found) resolve(found);
        else reject(new Error(`It ended without ${pattern}, after: ${this.output}`));
      };
      this.#checks.add(check);
      check();
    });
  }
}
