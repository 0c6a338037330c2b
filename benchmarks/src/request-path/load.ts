import autocannon from 'autocannon';
import { Pool } from 'undici';
import { answering } from './helpers.ts';
import type { Load, LoadResult } from './setup.ts';
import { ITEM, USER_HEADER } from './shop.ts';

/** The process that asks the server. */

export interface LoadQuestion {
  readonly url: string;
  readonly load: Load;
}

const CONNECTIONS = 32;
const MOST_CONNECTIONS = 64;
/** How long it looks away while nothing is due: a tenth of a millisecond. */
const REST_MS = 0.1;

const REQUEST = {
  method: 'POST',
  headers: { 'content-type': 'application/json', [USER_HEADER]: '42' },
  body: JSON.stringify(ITEM),
} as const;

answering(async ({ url, load }: LoadQuestion) =>
  load.rate === undefined
    ? await saturate(url, load.requests)
    : await steadily(url, load.requests, load.rate),
);

/** Each connection asks again as soon as it is answered. */
async function saturate(url: string, requests: number): Promise<LoadResult> {
  const latencies: number[] = [];
  const startedAt = performance.now();
  let endedAt = startedAt;
  const options = { ...REQUEST, url, amount: requests, connections: CONNECTIONS, sampleInt: 10 };
  await new Promise<void>((resolve, reject) => {
    const run = autocannon(options, (error) => (error ? reject(error) : resolve()));
    run.on('response', (_client, status, _bytes, latency) => {
      if (status !== 200) reject(new Error(`the server answered ${status}`));
      latencies.push(latency);
      endedAt = performance.now();
    });
    run.on('reqError', reject);
  });
  return resultOf(latencies, requests, endedAt - startedAt);
}

/**
 * Requests begin at their times, whether those before them were answered or not, and latencies count from those times:
 * a server that stalls is asked on, so that nobody's waiting is left out (no "coordinated omission"). autocannon can't
 * do it: with a rate, each of its connections asks as fast as it can until its share of the second is used up.
 */
async function steadily(url: string, requests: number, rate: number): Promise<LoadResult> {
  const { origin, pathname: path } = new URL(url);
  const pool = new Pool(origin, { connections: MOST_CONNECTIONS, pipelining: 1 });
  const latencies: number[] = [];
  const ask = async (dueAt: number): Promise<void> => {
    const { statusCode, body } = await pool.request({ ...REQUEST, path });
    await body.dump();
    if (statusCode !== 200) throw new Error(`the server answered ${statusCode}`);
    latencies.push(performance.now() - dueAt);
  };
  const startedAt = performance.now();
  const asked: Promise<void>[] = [];
  const rest = new Int32Array(new SharedArrayBuffer(4));
  await new Promise<void>((resolve) => {
    const turn = (): void => {
      for (;;) {
        const dueAt = startedAt + (asked.length * 1000) / rate;
        const wait = dueAt - performance.now();
        if (wait > 0) {
          // Finer than any timer, and leaves the processor to others.
          Atomics.wait(rest, 0, 0, Math.min(wait, REST_MS));
          break;
        }
        asked.push(ask(dueAt));
        if (asked.length === requests) return resolve();
      }
      setImmediate(turn);
    };
    turn();
  });
  await Promise.all(asked);
  const tookMs = performance.now() - startedAt;
  await pool.close();
  return resultOf(latencies, requests, tookMs);
}

function resultOf(latencies: number[], requests: number, tookMs: number): LoadResult {
  if (latencies.length !== requests) throw new Error(`${latencies.length} of ${requests} were answered`);
  const sorted = Float64Array.from(latencies).sort();
  const percentile = (share: number): number => sorted[Math.ceil(share * requests) - 1] ?? Number.NaN;
  return { seconds: tookMs / 1000, p50: percentile(0.5), p99: percentile(0.99) };
}
