import { describe, expect, it } from 'vitest';
import { type EventQueue, memoryQueue, type QueueRecord } from '../src/index.ts';
import { describeQueue, idsOf, recordOf } from './queue-contract.ts';

describeQueue('memoryQueue', { makeQueue: () => memoryQueue() });

const put = async (queue: EventQueue, ...ids: readonly string[]): Promise<string[]> =>
  idsOf(await queue.put(ids.map((id) => recordOf(id))));
const take = async (queue: EventQueue, n = 100): Promise<readonly QueueRecord[]> =>
  await queue.take(n, 60_000, 'default');
const kill = async (queue: EventQueue, ...ids: readonly string[]): Promise<void> => {
  await take(queue);
  for (const id of ids) await queue.dead(id, 'no');
};

describe('a memory queue that is full', () => {
  it('drops the newest', async () => {
    const queue = memoryQueue({ capacity: 2 });
    expect(await put(queue, 'a', 'b', 'c', 'd')).toEqual(['c', 'd']);
    expect(await put(queue, 'e')).toEqual(['e']);
    expect(idsOf(await take(queue))).toEqual(['a', 'b']);
  });

  it('drops the oldest if told to', async () => {
    const queue = memoryQueue({ capacity: 2, overflow: 'drop-oldest' });
    expect(await put(queue, 'a', 'b', 'c', 'd')).toEqual(['a', 'b']);
    expect(idsOf(await take(queue))).toEqual(['c', 'd']);
  });

  it('never drops what is in flight', async () => {
    const queue = memoryQueue({ capacity: 2, overflow: 'drop-oldest' });
    await put(queue, 'a', 'b');
    await take(queue, 1);
    expect(await put(queue, 'c')).toEqual(['b']);
    await take(queue, 1);
    expect(await put(queue, 'd')).toEqual(['d']);
    expect(await queue.counts()).toMatchObject({ waiting: 2, taken: 2 });
  });

  it('drops also what waits for its retry, and never gives it again', async () => {
    const queue = memoryQueue({ capacity: 3, overflow: 'drop-oldest' });
    await put(queue, 'a', 'b', 'c');
    await take(queue);
    for (const id of ['c', 'a', 'b']) await queue.retry(id, 1, true);
    expect(await put(queue, 'd')).toEqual(['a']);
    expect(idsOf(await take(queue)).sort()).toEqual(['b', 'c', 'd']);
  });

  it('has room again for what was acknowledged or died', async () => {
    const queue = memoryQueue({ capacity: 2 });
    await put(queue, 'a', 'b');
    await take(queue);
    await queue.ack(['a']);
    await queue.dead('b', 'no');
    expect(await put(queue, 'c', 'd', 'e')).toEqual(['e']);
  });

  it('has no room for a record that is put back', async () => {
    const queue = memoryQueue({ capacity: 1 });
    await put(queue, 'a');
    await take(queue);
    await queue.retry('a', 0, true);
    expect(await put(queue, 'b')).toEqual(['b']);
    expect(await take(queue)).toMatchObject([{ id: 'a', attempts: 1 }]);
  });
});

describe('the bytes of a memory queue', () => {
  const large = (id: string): QueueRecord => recordOf(id, { body: `{"x":"${'x'.repeat(1_000)}"}` });

  it('are bounded, however few records they are', async () => {
    const queue = memoryQueue({ maxBytes: 6_000 });
    const dropped = await queue.put(['a', 'b', 'c', 'd'].map(large));
    expect(idsOf(dropped)).toEqual(['c', 'd']);
  });

  it('make room for one large record by dropping several small ones', async () => {
    const queue = memoryQueue({ maxBytes: 4_000, overflow: 'drop-oldest' });
    expect(await put(queue, 'a', 'b', 'c')).toEqual([]);
    const dropped = await queue.put([recordOf('big', { body: 'x'.repeat(1_700) })]);
    expect(idsOf(dropped)).toEqual(['a', 'b', 'c']);
  });

  it('are given back with everything that leaves', async () => {
    const queue = memoryQueue({ maxBytes: 3_000 });
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) {
      expect(await queue.put([large(id)])).toEqual([]);
      await take(queue);
      if (id < 'd') await queue.ack([id]);
      else await queue.dead(id, 'no');
    }
  });

  it('do not let in a record that is larger than all of them, and drop nothing in vain for it', async () => {
    const queue = memoryQueue({ maxBytes: 3_000, overflow: 'drop-oldest' });
    await put(queue, 'a');
    const dropped = await queue.put([recordOf('huge', { body: 'x'.repeat(10_000) })]);
    expect(idsOf(dropped)).toEqual(['huge']);
    expect(idsOf(await take(queue))).toEqual(['a']);
  });
});

describe('the dead letters of a memory queue', () => {
  it('are bounded: the oldest are forgotten', async () => {
    const queue = memoryQueue({ deadLetterCapacity: 2 });
    await put(queue, 'a', 'b', 'c');
    await kill(queue, 'a', 'b', 'c');
    expect((await queue.deadLetters.list()).map(({ record }) => record.id)).toEqual(['b', 'c']);
    expect(await queue.counts()).toMatchObject({ deadLetters: 2 });
  });

  it.each(['drop-newest', 'drop-oldest'] as const)(
    'stay dead when the queue has no room for them (%s)',
    async (overflow) => {
      const queue = memoryQueue({ capacity: 2, overflow });
      await put(queue, 'a', 'b');
      await kill(queue, 'a', 'b');
      await put(queue, 'c');
      expect(await queue.deadLetters.replay()).toEqual({ replayed: 1 });
      expect((await queue.deadLetters.list()).map(({ record }) => record.id)).toEqual(['b']);
      expect(idsOf(await take(queue))).toEqual(['c', 'a']);
    },
  );

  it('stay dead while another event with their id waits', async () => {
    const queue = memoryQueue();
    await put(queue, 'a', 'b');
    await kill(queue, 'a', 'b');
    await put(queue, 'a');
    expect(await queue.deadLetters.replay()).toEqual({ replayed: 1 });
    expect(idsOf(await take(queue))).toEqual(['a', 'b']);
    expect(await queue.counts()).toMatchObject({ waiting: 2, taken: 2, deadLetters: 1 });
  });
});

describe('a memory queue that was closed', () => {
  it('is empty', async () => {
    const queue = memoryQueue({ capacity: 3 });
    await put(queue, 'a', 'b', 'c');
    await take(queue, 1);
    await queue.retry('a', 1, true);
    await queue.close();
    expect(await take(queue)).toEqual([]);
    expect(await queue.counts()).toEqual({ waiting: 0, taken: 0, deadLetters: 0, nextDueAt: undefined });
    expect(await put(queue, 'd', 'e', 'f')).toEqual([]);
  });
});

it('counts as taken what is taken, and not what has come back', async () => {
  const queue = memoryQueue();
  await queue.put([recordOf('a')]);
  await queue.take(1, 0, 'default');
  expect(await queue.counts()).toEqual({ waiting: 1, taken: 0, deadLetters: 0 });
});
