import {
  createVero,
  type EventOptions,
  type EventQueue,
  kyTransport,
  memoryQueue,
  type Transport,
  undiciTransport,
} from '@verotrack/core';
import { threadTransport } from '@verotrack/core/thread';
import type { Client, ClientOptions } from './client.ts';

interface Call {
  readonly name: string;
  readonly options: EventOptions;
}

export interface VerotrackParts {
  readonly transport?: Transport;
  readonly queue?: EventQueue;
  /** Whether events are delivered by somebody else. */
  readonly handsOver?: boolean;
}

export const makeTransport = { kyTransport, undiciTransport, threadTransport } as const;

const FLUSH_TIMEOUT_MS = 300_000;

export function verotrack(
  { url, concurrency, capacity }: ClientOptions,
  { transport, queue, handsOver = false }: VerotrackParts = {},
): Client<Call> {
  const vero = createVero({
    authToken: 'tok_secret_benchmark',
    baseUrl: url,
    queue: queue ?? memoryQueue({ capacity, maxBytes: 2 ** 40 }),
    transport,
    // No attempt is to end by it, also while the stand-in holds its answers back.
    delivery: { concurrency, timeoutMs: 120_000 },
    logger: (message) => console.error(message),
  });
  return {
    shape: ({ name, identity, data }) => ({ name, options: { identity, data } }),
    capture: ({ name, options }) => vero.track(name, options),
    async flush() {
      await vero.flush({ timeout: FLUSH_TIMEOUT_MS });
      const { pending, dropped, rejected, invalid, retries, handedOver } = vero.stats();
      const wrong = pending + dropped + rejected + invalid + retries + (handsOver ? 0 : handedOver);
      if (wrong > 0) throw new Error(`Not all was delivered at once: ${JSON.stringify(vero.stats())}`);
    },
    async close() {
      await vero.close();
    },
  };
}
