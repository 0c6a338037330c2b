import { afterEach, describe, expect, it, vi } from 'vitest';
import { afterThisTurn } from '../src/adapter/after-turn.ts';

afterEach(() => vi.useRealTimers());

describe('what is to be done after a turn of the event loop', () => {
  it('is done in a row, after the turn and all its promises', async () => {
    const done: string[] = [];
    const last = new Promise<void>((resolve) => {
      afterThisTurn(() => done.push('first'));
      void Promise.resolve().then(() => done.push('promise'));
      afterThisTurn(() => {
        done.push('second');
        afterThisTurn(() => {
          done.push('third');
          resolve();
        });
      });
      done.push('turn');
    });
    await last;
    expect(done).toEqual(['turn', 'promise', 'first', 'second', 'third']);
  });

  it('is done also while a test has timers of its own', async () => {
    vi.useFakeTimers({ toFake: ['setImmediate', 'setTimeout'] });
    await new Promise<void>((resolve) => afterThisTurn(resolve));
    expect(vi.isFakeTimers()).toBe(true);
  });
});
