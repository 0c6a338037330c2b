import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Batches } from '../src/batches.ts';

/** Batches that are sent when the test says so. */
function held(mayBeSplit: (thrown: unknown) => boolean = () => false) {
  const sent: (readonly string[])[] = [];
  const answers: PromiseWithResolvers<void>[] = [];
  const batches = new Batches<string>(
    3,
    (items) => {
      sent.push(items);
      const answer = Promise.withResolvers<void>();
      answers.push(answer);
      return answer.promise;
    },
    mayBeSplit,
  );
  return { batches, sent, answers };
}

describe('What goes into Postgres', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('goes together when it came in the same turn, and with what came while the last batch was under way', async () => {
    const { batches, sent, answers } = held();
    const first = [batches.add('a'), batches.add('b')];
    await expect.poll(() => sent).toEqual([['a', 'b']]);
    const rest = ['c', 'd', 'e', 'f'].map((item) => batches.add(item));
    answers[0]?.resolve();
    await Promise.all(first);
    await expect.poll(() => sent.length).toBe(2);
    answers[1]?.resolve();
    await expect.poll(() => sent.length).toBe(3);
    answers[2]?.resolve();
    await Promise.all(rest);
    expect(sent).toEqual([['a', 'b'], ['c', 'd', 'e'], ['f']]);
  });

  it('goes together with what came while the first waited for others', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const sent: (readonly string[])[] = [];
    const send = async (items: readonly string[]): Promise<void> => void sent.push(items);
    const batches = new Batches<string>(3, send, () => false, 5);
    const first = batches.add('a');
    await nextTurn();
    const second = batches.add('b');
    await vi.advanceTimersByTimeAsync(4);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await Promise.all([first, second]);
    expect(sent).toEqual([['a', 'b']]);
  });

  it('fails alone where one item is what is wrong', async () => {
    const batches = new Batches<string>(
      3,
      (items) => (items.includes('bad') ? Promise.reject(new Error('bad data')) : Promise.resolve()),
      (thrown) => (thrown as Error).message === 'bad data',
    );
    const ends = await Promise.allSettled(['a', 'bad', 'b'].map((item) => batches.add(item)));
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('fails together where it is the store', async () => {
    const batches = new Batches<string>(
      3,
      () => Promise.reject(new Error('gone')),
      () => false,
    );
    const ends = await Promise.allSettled(['a', 'b'].map((item) => batches.add(item)));
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('is given up at the close, but for the batch under way', async () => {
    const { batches, sent, answers } = held();
    const underWay = batches.add('a');
    await expect.poll(() => sent.length).toBe(1);
    const waiting = batches.add('b');
    const refused = expect(waiting).rejects.toThrow('closed');
    const closed = batches.close(new Error('closed'));
    await refused;
    answers[0]?.resolve();
    await Promise.all([closed, underWay]);
    expect(sent).toEqual([['a']]);
  });
});
