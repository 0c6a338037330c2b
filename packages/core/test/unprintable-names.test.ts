import { describe, expect, it } from 'vitest';
import { createVero } from '../src/index.ts';
import { JANE, makeClient, TOKEN, track } from './clients.ts';

const unprintable: readonly (readonly [string, () => unknown])[] = [
  ['a symbol', () => Symbol('s')],
  ['an object without a prototype', () => Object.create(null)],
  [
    'an object whose toString throws',
    () => ({
      toString: () => {
        throw new Error('no');
      },
    }),
  ],
  [
    'a revoked proxy',
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    },
  ],
];

describe.each(unprintable)('a name that is %s', (_what, make) => {
  it('is counted as invalid by track and trackOnSuccess, and thrown back by neither', () => {
    const { vero, told } = makeClient();
    vero.track(make() as string, { identity: JANE });
    vero.run({ identity: JANE }, () => vero.trackOnSuccess(make() as string));
    expect(vero.stats()).toMatchObject({ accepted: 0, invalid: 2, openScopes: 0 });
    expect(told.invalid.map(({ error }) => error.issues[0]?.path)).toEqual(['name', 'name']);
  });

  it('is not thrown back outside any scope either, also when only the logger hears of it', () => {
    const logged: string[] = [];
    const vero = track(createVero({ authToken: TOKEN, logger: (_message, code) => void logged.push(code) }));
    expect(() => vero.trackOnSuccess(make() as string)).not.toThrow();
    expect(logged).toHaveLength(1);
  });

  it('is no reason that cancelTracking can not print', () => {
    const { vero, told } = makeClient();
    expect(() => vero.cancelTracking(make() as string)).not.toThrow();
    expect(told.error.map(({ error }) => error.code)).toEqual(['VERO_NO_SCOPE']);
  });
});
