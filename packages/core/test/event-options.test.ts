import { describe, expect, it } from 'vitest';
import { JANE, makeClient } from './clients.ts';

describe('the options of an event', () => {
  it.each<[string, unknown, RegExp]>([
    ['a list', [], /options: must be an object, not a list/],
    ['a text', 'hat', /options: must be an object, not a string/],
    [
      'one that there is not',
      { identity: JANE, dat: {} },
      /dat: is no option of an event; there are identity, data/,
    ],
    ['an empty eventId', { identity: JANE, eventId: ' ' }, /eventId: must be a string that is not empty/],
    ['an overlong eventId', { identity: JANE, eventId: 'x'.repeat(255) }, /eventId: .*under 255 characters/],
    ['an eventId that is a number', { identity: JANE, eventId: 7 }, /eventId: must be a string/],
    [
      'a unique that is a text',
      { identity: JANE, unique: 'no' },
      /unique: must be true or false, not a string/,
    ],
  ])('are refused when they are %s', (_what, options, expected) => {
    const { vero, told } = makeClient();
    vero.track('n', options as never);
    expect(told.invalid.map(({ error }) => error.message)).toEqual([expect.stringMatching(expected)]);
    expect(vero.stats()).toMatchObject({ invalid: 1, accepted: 0 });
  });
});
