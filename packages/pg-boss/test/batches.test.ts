import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Batches } from '../src/batches.ts';

let sent: string[][];

function batches(gatherMs?: number): Batches<string> {
  const send = async (items: readonly string[]): Promise<void> => void sent.push([...items]);
  return new Batches<string>(2, send, () => false, gatherMs);
}

describe('Batches', () => {
  beforeEach(() => {
    sent = [];
    vi.useFakeTimers({ toFake: ['setTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('sends together what came in the same turn, and no more than fits', async () => {
    const to = batches();
    await Promise.all([to.add('a'), to.add('b'), to.add('c')]);
    expect(sent).toEqual([['a', 'b'], ['c']]);
  });

  it('sends together what came while the first waited for others', async () => {
    const to = batches(5);
    const first = to.add('a');
    await nextTurn();
    const second = to.add('b');
    await vi.advanceTimersByTimeAsync(4);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await Promise.all([first, second]);
    expect(sent).toEqual([['a', 'b']]);
  });

  it('gives up what has not begun when it is closed', async () => {
    const to = batches(5);
    const given = expect(to.add('a')).rejects.toThrow('closed');
    const closed = to.close(new Error('closed'));
    await vi.advanceTimersByTimeAsync(5);
    await Promise.all([given, closed]);
    expect(sent.flat()).toEqual([]);
  });
});
