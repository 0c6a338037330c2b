import { describe, it } from 'vitest';
import type { QueueRecord } from '../src/index.ts';
import { type QueueContractOptions, queueContract } from '../src/queue-contract.ts';

export { contractRecord as recordOf } from '../src/queue-contract.ts';

export const idsOf = (records: readonly QueueRecord[]): string[] => records.map(({ id }) => id);

/** Runs what every queue must do. */
export function describeQueue(name: string, options: QueueContractOptions): void {
  describe(`${name}, as every queue,`, () => {
    for (const { name: sentence, run } of queueContract(options)) it(sentence, run);
  });
}
