import type { FlushLimits, FlushResult } from '@verotrack/core';
import {
  createWorker,
  holdProcess,
  VeroError,
  type VeroWorker,
  type WorkerOptions,
} from '@verotrack/core/queue';
import { connectionOf, type PgBossQueue } from './pg-boss-queue.ts';

/** The options of {@link createVeroWorker}. */
export interface VeroWorkerOptions extends WorkerOptions {
  /** The queue whose events it delivers: also that of a client in the same process. */
  readonly queue: PgBossQueue;
}

/**
 * Delivers what a fleet has put into its queue. There may be as many as one likes, in processes of their own or beside a
 * client. It begins at once, and holds its process until it is closed.
 *
 * @example
 * const worker = createVeroWorker({ queue: pgBossQueue({ connectionString: process.env.DATABASE_URL }) });
 * process.once('SIGTERM', () => void worker.close());
 * @throws {VeroError} `VERO_CONFIG` for a bad option or environment variable, which it names
 */
export function createVeroWorker(options: VeroWorkerOptions): VeroWorker {
  if (!connectionOf(options?.queue)) {
    throw new VeroError('VERO_CONFIG', 'createVeroWorker: option "queue" must be one that pgBossQueue made');
  }
  return new HeldWorker(createWorker(options));
}

class HeldWorker implements VeroWorker {
  readonly #worker: VeroWorker;
  readonly #letGo = holdProcess();

  constructor(worker: VeroWorker) {
    this.#worker = worker;
  }

  get deadLetters(): VeroWorker['deadLetters'] {
    return this.#worker.deadLetters;
  }

  readonly on: VeroWorker['on'] = (name, listener) => this.#worker.on(name, listener);

  stats(): ReturnType<VeroWorker['stats']> {
    return this.#worker.stats();
  }

  health(): ReturnType<VeroWorker['health']> {
    return this.#worker.health();
  }

  async close(limits?: FlushLimits): Promise<FlushResult> {
    const result = await this.#worker.close(limits);
    this.#letGo();
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
