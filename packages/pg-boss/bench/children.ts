import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A process that tells with messages what it has done, of which only the next is of interest. */
export class Child<From extends { readonly kind: string }, To extends string | object> {
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor(file: string, env: Readonly<Record<string, string>> = {}) {
    this.#process = fork(join(import.meta.dirname, file), { env: { ...process.env, ...env } });
    this.#ended = once(this.#process, 'exit');
  }

  tell(message: To): void {
    this.#process.send(message);
  }

  /** The next message, which must be of this kind. */
  async told<Kind extends From['kind']>(kind: Kind): Promise<Extract<From, { readonly kind: Kind }>> {
    const [message] = (await Promise.race([
      once(this.#process, 'message'),
      this.#ended.then(() => Promise.reject(new Error(`It ended instead of telling "${kind}"`))),
    ])) as [From];
    if (message.kind !== kind) throw new Error(`It told "${message.kind}" instead of "${kind}"`);
    return message as Extract<From, { readonly kind: Kind }>;
  }

  async end(): Promise<void> {
    if (this.#process.connected) this.#process.disconnect();
    await this.#ended;
  }
}
