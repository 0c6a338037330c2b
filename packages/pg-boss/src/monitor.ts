import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { QueueCounts, VeroWorker } from '@verotrack/core/queue';
import { metricsText } from './metrics.ts';

/** Counting looks at every event that waits. */
const COUNTED_AGAIN_AFTER_MS = 15_000;
/** Whoever asks for the metrics does not wait for longer for the counts. */
const COUNTING_LIMIT_MS = 5_000;

export interface Monitor {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves what a worker tells of itself, to whoever watches over it: `/health` and `/metrics`, and nothing else. */
export async function startMonitor(
  worker: Pick<VeroWorker, 'health' | 'stats'>,
  count: () => Promise<QueueCounts>,
  { port, host }: { readonly port: number; readonly host: string },
): Promise<Monitor> {
  const counter = new Counter(count);
  const server = createServer((request, response) => {
    const { method, url = '' } = request;
    const [path] = url.split('?');
    if (method === 'GET' && path === '/health') {
      const health = worker.health();
      answer(response, health.ok ? 200 : 503, 'application/json', JSON.stringify(health));
    } else if (method === 'GET' && path === '/metrics') {
      void counter.counts().then((counts) => {
        answer(
          response,
          200,
          'text/plain; version=0.0.4; charset=utf-8',
          metricsText(worker.stats(), counts),
        );
      });
    } else answer(response, 404, 'text/plain', 'There are GET /health and GET /metrics.\n');
  });
  server.listen(port, host);
  await once(server, 'listening');
  return { url: urlOf(server), close: () => close(server) };
}

/** What waits in the queue, as it was a few seconds ago at most. */
class Counter {
  readonly #count: () => Promise<QueueCounts>;
  #counts: QueueCounts | undefined;
  #countedAt = Number.NEGATIVE_INFINITY;
  #counting: Promise<void> | undefined;

  constructor(count: () => Promise<QueueCounts>) {
    this.#count = count;
  }

  /** `undefined` while it can't be counted. */
  async counts(): Promise<QueueCounts | undefined> {
    if (performance.now() - this.#countedAt < COUNTED_AGAIN_AFTER_MS) return this.#counts;
    this.#counting ??= this.#countAgain();
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, COUNTING_LIMIT_MS);
    });
    await Promise.race([this.#counting, limit]);
    clearTimeout(timer);
    return performance.now() - this.#countedAt < COUNTED_AGAIN_AFTER_MS ? this.#counts : undefined;
  }

  async #countAgain(): Promise<void> {
    try {
      this.#counts = await this.#count();
      this.#countedAt = performance.now();
    } catch {
      // The worker tells that Postgres is away.
    } finally {
      this.#counting = undefined;
    }
  }
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

async function close(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}
