/** Requests at a steady rate, from a process of its own, until it is told to stop. */
import autocannon from 'autocannon';
import { inputOf } from '../child.ts';

export interface LoadInput {
  readonly url: string;
  readonly requestsPerSecond: number;
}

export interface LoadResult {
  readonly p99Ms: number;
  readonly failed: number;
}

const { url, requestsPerSecond } = inputOf<LoadInput>();
const load = autocannon(
  { url, connections: 10, overallRate: requestsPerSecond, duration: 3_600 },
  (error, result) => {
    if (error) throw error;
    const { latency, errors, non2xx } = result;
    process.send?.({ p99Ms: latency.p99, failed: errors + non2xx } satisfies LoadResult, () =>
      process.exit(),
    );
  },
);
process.once('message', () => load.stop());
process.once('disconnect', () => process.exit());
