import { type ChildProcess, fork } from 'node:child_process';

export interface HelperOptions {
  readonly execArgv?: readonly string[];
  /** Another Node. @default this one */
  readonly execPath?: string | undefined;
}

/** A process that answers questions: a server, the load, or a stand-in for Vero. It ends with this one. */
export class Helper {
  readonly #child: ChildProcess;

  constructor(script: URL, { execArgv = [], execPath = process.execPath }: HelperOptions = {}) {
    this.#child = fork(script, { execArgv: ['--no-warnings', ...execArgv], execPath });
  }

  /** One question at a time. */
  ask<Answer>(question: object): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null): void =>
        reject(new Error(`${this.#child.spawnargs.at(-1)} ended (${code})`));
      this.#child.once('exit', ended);
      this.#child.once('message', (answer) => {
        this.#child.off('exit', ended);
        resolve(answer as Answer);
      });
      this.#child.send(question);
    });
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}

/** In the helper: answers what it is asked. */
export function answering<Question>(answer: (question: Question) => Promise<unknown>): void {
  process.on('disconnect', () => process.exit());
  process.on('message', async (question) => process.send?.(await answer(question as Question)));
}
