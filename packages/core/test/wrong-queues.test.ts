import { describe, expect, it } from 'vitest';
import { type EventQueue, memoryQueue } from '../src/index.ts';
import { queueContract } from '../src/queue-contract.ts';

/** The cases that a queue fails. */
async function failedCases(
  makeQueue: () => EventQueue,
  openAgain?: (queue: EventQueue) => EventQueue,
): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of queueContract({ makeQueue, openAgain })) {
    await run().catch(() => failed.push(name));
  }
  return failed;
}

/** A memory queue of which some methods are wrong. */
const wrong = (change: (queue: EventQueue) => Partial<EventQueue>) => (): EventQueue => {
  const queue = memoryQueue();
  const own = Object.fromEntries(
    (['put', 'take', 'ack', 'retry', 'dead'] as const).map((name) => [name, queue[name].bind(queue)]),
  ) as unknown as EventQueue;
  return Object.assign(queue, change(own));
};

describe('the contract of queues', () => {
  it('is kept by the memory queue', async () => {
    expect(await failedCases(() => memoryQueue())).toEqual([]);
  });

  it.each<[string, () => EventQueue, string]>([
    [
      'loses an event',
      wrong(({ put }) => ({ put: (records) => put(records.slice(0, 2)) })),
      'gives no more than asked for, and loses none',
    ],
    [
      'loses what is beyond the asked number',
      wrong(({ take }) => ({ take: async (n, ...rest) => (await take(100, ...rest)).slice(0, n) })),
      'gives no more than asked for, and loses none',
    ],
    [
      'delivers twice',
      wrong(({ take }) => ({ take: (n, _lease, project) => take(n, 0, project) })),
      'gives a record that was taken to nobody else until its lease is over, and then before newer ones',
    ],
    [
      'forgets the lease',
      wrong(({ take }) => ({ take: (n, _lease, project) => take(n, 10 ** 12, project) })),
      'gives a record that was taken to nobody else until its lease is over, and then before newer ones',
    ],
    ['forgets to forget', wrong(() => ({ ack: () => {} })), 'forgets what was acknowledged'],
    [
      'changes a body',
      wrong(({ put }) => ({
        put: (records) =>
          put(records.map((record) => ({ ...record, body: record.body.trim().replace('é', 'e') }))),
      })),
      'keeps every byte of a body',
    ],
    [
      'counts every attempt',
      wrong(({ retry }) => ({ retry: (id, time) => retry(id, time, true) })),
      'takes back a record for later, and counts the attempt only if told to',
    ],
    [
      'gives a retried record at once',
      wrong(({ retry }) => ({ retry: (id, _time, counts) => retry(id, 1, counts) })),
      'takes back a record for later, and counts the attempt only if told to',
    ],
    [
      'mixes up projects',
      wrong(({ put }) => ({
        put: (records) => put(records.map((record) => ({ ...record, project: 'default' }))),
      })),
      'gives a project only its own records',
    ],
    [
      'forgets dead letters',
      wrong(({ ack }) => ({ dead: (id) => ack([id]) })),
      'moves a record to the dead letters, with the reason and the time',
    ],
  ])('fails a queue that %s', async (_what, makeQueue, expected) => {
    expect(await failedCases(makeQueue)).toContain(expected);
  });

  it('fails a store that gives one record to two who share it', async () => {
    const failed = await failedCases(
      () => memoryQueue(),
      (queue) => {
        const other = memoryQueue();
        const { put } = queue;
        queue.put = async (records) => {
          await other.put(records);
          return await put.call(queue, records);
        };
        return other;
      },
    );
    expect(failed).toContain('gives each record to one of those who share it');
  });
});
