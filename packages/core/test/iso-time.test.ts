import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isoTime } from '../src/iso-time.ts';

describe('isoTime', () => {
  it('says of any time what a Date says', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), fc.integer({ min: 0, max: 2_000 }), (date, later) => {
        expect(isoTime(date.getTime())).toBe(date.toISOString());
        // Within the same second, or the next.
        const next = Math.min(date.getTime() + later, 8.64e15);
        expect(isoTime(next)).toBe(new Date(next).toISOString());
      }),
    );
  });

  it.each([0, 1, 999, 1_000, -1, -1_000, 8.64e15, -8.64e15, 1.5])('says of %d what a Date says', (time) => {
    expect(isoTime(time)).toBe(new Date(time).toISOString());
  });

  it.each([Number.NaN, 8.64e15 + 1, 9e15, Number.POSITIVE_INFINITY])(
    'throws for %d, which is no time',
    (time) => {
      expect(() => isoTime(time)).toThrow(RangeError);
      expect(isoTime(1_000)).toBe('1970-01-01T00:00:01.000Z');
    },
  );
});
