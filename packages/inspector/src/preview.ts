import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Preview } from './page-contract.ts';

interface Scope {
  readonly user: Readonly<Record<string, unknown>>;
  readonly event: Readonly<Record<string, unknown>>;
}

const TIME_LIMIT_MS = 1_000;
/** A new thread has to load first, on a busy machine. */
const START_LIMIT_MS = 10_000;
const MAX_WAITING = 20;
const MEMORY_LIMIT = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 };
// Beside this file, as a source or as it was built.
const WORKER: URL = new URL(
  `./preview-worker.${/\.ts$/.test(import.meta.url) ? 'ts' : 'mjs'}`,
  import.meta.url,
);

/** Renders one template after the other, each within limits of time and memory. */
export class Previewer {
  #worker: Promise<Worker> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #isClosed = false;

  async render(template: string, scope: Scope): Promise<Preview> {
    if (this.#waiting >= MAX_WAITING) return failed('too many previews at once: try again');
    this.#waiting += 1;
    const mine = this.#last.then(() => this.#render(template, scope));
    this.#last = mine.finally(() => {
      this.#waiting -= 1;
    });
    return await mine;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await (await this.#worker?.catch(() => undefined))?.terminate();
  }

  async #render(template: string, scope: Scope): Promise<Preview> {
    if (this.#isClosed) return failed('the inspector was closed');
    try {
      this.#worker ??= start();
      const worker = await this.#worker;
      worker.postMessage({ template, scope: JSON.stringify(scope) });
      const result = await firstOf(
        worker,
        TIME_LIMIT_MS,
        `it took longer than ${TIME_LIMIT_MS} ms, and was ended`,
      );
      return result as Preview;
    } catch (thrown) {
      const worker = this.#worker;
      this.#worker = undefined;
      await (await worker?.catch(() => undefined))?.terminate();
      const { code, message } = thrown as NodeJS.ErrnoException;
      return failed(code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'it took too much memory, and was ended' : message);
    }
  }
}

async function start(): Promise<Worker> {
  const worker = new Worker(WORKER, {
    resourceLimits: MEMORY_LIMIT,
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
  });
  // Its failures come where its answers are awaited.
  worker.on('error', () => {});
  worker.unref();
  worker.postMessage({ template: '', scope: '{}' });
  await firstOf(worker, START_LIMIT_MS, 'the thread for previews does not start');
  return worker;
}

async function firstOf(worker: Worker, ms: number, failure: string): Promise<unknown> {
  const limit = AbortSignal.timeout(ms);
  const ended = new AbortController();
  const signal = AbortSignal.any([limit, ended.signal]);
  const onExit = () => ended.abort();
  worker.once('exit', onExit);
  // While someone waits the process does not end.
  worker.ref();
  try {
    const [message] = await once(worker, 'message', { signal });
    return message;
  } catch (thrown) {
    if (limit.aborted) throw new Error(failure);
    throw ended.signal.aborted ? new Error('it ended the thread that renders it') : thrown;
  } finally {
    worker.off('exit', onExit);
    worker.unref();
  }
}

function failed(error: string): Preview {
  return { output: '', undefinedNames: [], error };
}
