/**
 * What every queue must do, for authors of queues: as cases for whichever test runner.
 *
 * @packageDocumentation
 */
import { DEAD_LETTER_CASES } from './queue-contract/dead-letter-cases.ts';
import { RECORD_CASES } from './queue-contract/record-cases.ts';
import { SHARED_CASES } from './queue-contract/shared-cases.ts';
import { type QueueContractOptions, Subject } from './queue-contract/subject.ts';

export { contractRecord, type QueueContractOptions } from './queue-contract/subject.ts';

/** One thing that a queue must do. */
export interface QueueContractCase {
  /** A sentence about the queue. */
  readonly name: string;
  /** Rejects with an `AssertionError` where the queue doesn't keep the contract. */
  readonly run: () => Promise<void>;
}

/**
 * The cases that a queue must pass to be one. Each makes a queue of its own, and closes it. Run them one after the other.
 *
 * @example
 * for (const { name, run } of queueContract({ makeQueue: () => myQueue() })) test(name, run);
 */
export function queueContract(options: QueueContractOptions): readonly QueueContractCase[] {
  const cases = [...RECORD_CASES, ...DEAD_LETTER_CASES, ...(options.openAgain ? SHARED_CASES : [])];
  return cases.map(([name, test]) => ({ name, run: () => runCase(options, test) }));
}

async function runCase(
  options: QueueContractOptions,
  test: (subject: Subject) => Promise<void>,
): Promise<void> {
  const subject = new Subject(await options.makeQueue(), options);
  try {
    await test(subject);
  } finally {
    await subject.close();
  }
}
