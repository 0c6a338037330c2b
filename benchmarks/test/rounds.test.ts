import { describe, expect, it } from 'vitest';
import { inRounds, spreadOf } from '../src/rounds.ts';

describe('the spread of some figures', () => {
  it('has the middle one of an odd number, and the least and the most', () => {
    expect(spreadOf([30, 10, 20])).toEqual({ median: 20, min: 10, max: 30 });
  });

  it('has what is between the middle two of an even number', () => {
    expect(spreadOf([4, 1, 2, 100])).toEqual({ median: 3, min: 1, max: 100 });
  });

  it('takes numbers for numbers, and not for text', () => {
    expect(spreadOf([9, 10, 100])).toEqual({ median: 10, min: 9, max: 100 });
  });
});

describe('rounds', () => {
  it('begin with another contestant each, and keep the figures of each apart', async () => {
    const order: string[] = [];
    const contestant = (name: string, first: number) => {
      let value = first;
      return {
        name,
        measure: () => {
          order.push(name);
          return Promise.resolve({ us: value++ });
        },
      };
    };
    const measured = await inRounds([contestant('a', 1), contestant('b', 10), contestant('c', 20)], {
      rounds: 3,
      log: () => {},
    });
    expect(order.join('')).toBe('abcbcacab');
    expect(measured.get('b')).toEqual({ us: { median: 11, min: 10, max: 12 } });
  });
});
