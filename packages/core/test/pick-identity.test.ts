import { describe, expect, it } from 'vitest';
import { isVeroError, pickIdentity } from '../src/index.ts';

const row = {
  id: 7,
  email: 'jane@example.com',
  plan: 'pro',
  company: null,
  age: undefined,
  passwordHash: 'x',
};

describe('pickIdentity', () => {
  it('takes the named attributes and nothing else', () => {
    expect(pickIdentity(row, ['id', 'email', 'plan'])).toStrictEqual({
      id: 7,
      email: 'jane@example.com',
      plan: 'pro',
    });
  });

  it('leaves out an e-mail that is null, and keeps other nulls', () => {
    expect(pickIdentity({ ...row, email: null }, ['id', 'email', 'company'])).toStrictEqual({
      id: 7,
      company: null,
    });
  });

  it('leaves out what is undefined', () => {
    expect(pickIdentity(row, ['id', 'age'])).toStrictEqual({ id: 7 });
  });

  it.each([[null], [undefined]])('means nobody when the row is %s', (nobody) => {
    expect(pickIdentity(nobody as typeof row | null | undefined, ['id', 'plan'])).toBeUndefined();
  });

  it('reads class instances, getters and prototypes, as rows of an ORM are', () => {
    class User {
      readonly id = '1';
      get plan(): string {
        return 'pro';
      }
    }
    expect(pickIdentity(new User(), ['id', 'plan'])).toStrictEqual({ id: '1', plan: 'pro' });
  });

  it('gives a copy', () => {
    const picked = pickIdentity(row, ['id', 'plan']);
    expect(picked).not.toBe(row);
    expect(row.plan).toBe('pro');
  });

  it.each([[['email']], [[]], ['id'], [undefined]])('refuses the keys %j, even for nobody', (keys) => {
    for (const user of [row, undefined]) {
      const thrown = thrownBy(() => pickIdentity(user, keys as never));
      expect(isVeroError(thrown) && thrown.code).toBe('VERO_CONFIG');
    }
  });
});

function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (thrown) {
    return thrown;
  }
  return undefined;
}
