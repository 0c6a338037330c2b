import { describe, expect, it } from 'vitest';
import { build, issues, paths } from './issues.ts';

const identity = { id: '1' };
const withIdentity = (given: unknown): object => ({ name: 'n', identity: given });

describe('the name', () => {
  it.each(['a', ' a ', 'x'.repeat(254), '🎉'.repeat(254), 'Purchased Item'])('may be %s', (name) => {
    expect(build({ name }).event_name).toBe(name);
  });

  it.each([
    ['missing', undefined, 'name: must be a string, not undefined'],
    ['null', null, 'name: must be a string, not null'],
    ['a number', 7, 'name: must be a string, not 7'],
    ['an object', {}, 'name: must be a string, not an object'],
    ['a symbol', Symbol('n'), 'name: must be a string, not a symbol'],
    ['empty', '', 'name: must not be empty'],
    ['blank', ' \t\n', 'name: must not be empty'],
    ['255 characters', 'x'.repeat(255), 'name: must be under 255 characters'],
    ['255 code points', '🎉'.repeat(255), 'name: must be under 255 characters'],
  ])('may not be %s', (_what, name, issue) => {
    expect(issues({ name, identity })).toEqual([issue]);
  });
});

describe('the identity', () => {
  it.each([
    ['a string', 'u-1', 'u-1'],
    ['254 characters', 'x'.repeat(254), 'x'.repeat(254)],
    ['a number', 42, '42'],
    ['0', 0, '0'],
    ['a bigint', 2n ** 70n, '1180591620717411303424'],
  ])('takes %s as id, and sends it as a string', (_what, id, sent) => {
    expect(build({ identity: { id } }).identity).toStrictEqual({ id: sent });
  });

  it.each([
    ['empty', ''],
    ['blank', '  '],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['null', null],
    ['true', true],
    ['an object', {}],
    ['255 characters', 'x'.repeat(255)],
  ])('refuses an id that is %s', (_what, id) => {
    expect(paths(withIdentity({ id }))).toEqual(['identity.id']);
  });

  it('says that the id is missing, also when only a prototype has one', () => {
    expect(issues(withIdentity({ email: 'a@b.c' }))[0]).toMatch(/^identity\.id: is missing/);
    expect(paths(withIdentity(Object.create({ id: '1' })))).toEqual(['identity']);
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a string', 'u-1'],
    ['a number', 1],
    ['a list', [{ id: '1' }]],
    ['a function', () => ({ id: '1' })],
    [
      'a class instance',
      new (class User {
        id = '1';
      })(),
    ],
    ['a Map', new Map([['id', '1']])],
    ['a revoked proxy', revoked()],
  ])('must be a plain object, and not %s', (_what, given) => {
    expect(paths(withIdentity(given))).toEqual(['identity']);
  });

  it('may have no prototype', () => {
    expect(
      build({ identity: Object.assign(Object.create(null), { id: '1', plan: 'pro' }) }).identity,
    ).toEqual({
      id: '1',
      plan: 'pro',
    });
  });

  it('is made plain JSON attribute by attribute, like data', () => {
    const hidden = Object.defineProperty({ [Symbol('s')]: 1 }, 'hidden', { value: 1 });
    const given = {
      id: '1',
      since: new Date(0),
      gone: undefined,
      none: null,
      tags: ['a', undefined],
      hidden,
    };
    expect(build({ identity: given }).identity).toStrictEqual({
      id: '1',
      since: '1970-01-01T00:00:00.000Z',
      none: null,
      tags: ['a', null],
      hidden: {},
    });
  });

  it.each([
    ['a function', () => {}],
    ['a symbol', Symbol('s')],
    ['a bigint', 1n],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['an invalid Date', new Date(Number.NaN)],
    ['a Map', new Map()],
    ['a cycle', cyclic(), '.own'],
  ])('may not have %s in an attribute, and says where', (_what, value, inside = '') => {
    expect(paths(withIdentity({ id: '1', plan: 'pro', a: { b: value } }))).toEqual([`identity.a.b${inside}`]);
  });

  it('has a toJSON of its own looked at, but never sent as a list of characters', () => {
    expect(paths(withIdentity({ id: '1', toJSON: () => 'abc' }))).toEqual(['identity']);
    expect(build({ identity: { id: '1', toJSON: () => ({ id: '2', plan: 'pro' }) } }).identity).toEqual({
      id: '1',
      plan: 'pro',
    });
  });
});

describe('the email', () => {
  const bad: readonly (readonly [string, unknown])[] = [
    ['null', null],
    ['empty', ''],
    ['without an @', 'jane.example.com'],
    ['with two @', 'jane@example@com'],
    ['with a blank', 'jane doe@example.com'],
    ['with a line feed', 'jane@example.com\n'],
    ['of 255 characters', `${'j'.repeat(249)}@b.com`],
    ['a number', 7],
  ];

  it.each(['a@b', 'jane.doe+shop@example.com', `${'j'.repeat(248)}@b.com`, 'jané@bücher.example'])(
    'may be %s',
    (email) => {
      expect(build({ identity: { id: '1', email } }).identity.email).toBe(email);
      expect(issues(withIdentity({ id: '1', email }), { invalidEmail: 'refuse' })).toEqual([]);
    },
  );

  it.each(bad)('is left out when it is %s', (_what, email) => {
    expect(build({ identity: { id: '1', email, plan: 'pro' } }).identity).toStrictEqual({
      id: '1',
      plan: 'pro',
    });
  });

  it.each(bad)('makes the event invalid when it is %s and invalidEmail says refuse', (_what, email) => {
    expect(paths(withIdentity({ id: '1', email }), { invalidEmail: 'refuse' })).toEqual(['identity.email']);
  });

  it('may be undefined, whatever invalidEmail says', () => {
    expect(issues(withIdentity({ id: '1', email: undefined }), { invalidEmail: 'refuse' })).toEqual([]);
  });
});

describe('the rest of an event', () => {
  it.each([
    ['an invalid Date', new Date(Number.NaN)],
    ['words', 'yesterday'],
    ['a date with garbage after it', '2024-01-01Tea time'],
    ['a time without its offset from UTC', '2024-01-01T10:00:00'],
    ['the 30th of February', '2024-02-30'],
    ['the 31st of February, with a time', '2024-02-31T00:00:00Z'],
    ['the 31st of April', '2023-04-31'],
    ['a month that is none', '2024-13-01'],
    ['NaN', Number.NaN],
    ['a number outside of time', 1e20],
    ['null', null],
    ['an object', {}],
    ['microseconds', 1_700_000_000_000_000],
    ['a Date of a year of five digits', new Date('+010000-01-01T00:00:00.000Z')],
    ['a time that is of such a year in UTC', '9999-12-31T23:59:59-01:00'],
    ['a year before Christ', new Date('-000001-01-01T00:00:00.000Z')],
  ])('refuses %s as createdAt', (_what, createdAt) => {
    expect(paths({ name: 'n', identity, createdAt })).toEqual(['createdAt']);
  });

  it.each(['source', 'conversionId'])('refuses a %s that is no string', (name) => {
    expect(issues({ name: 'n', identity, [name]: 7 })).toEqual([`${name}: must be a string, not 7`]);
    expect(paths({ name: 'n', identity, [name]: null })).toEqual([name]);
  });

  it('tells everything that is wrong at once', () => {
    const event = {
      name: '',
      identity: { id: '' },
      data: { a: 1n },
      createdAt: 'x',
      source: 1,
      conversionId: 1,
    };
    expect(paths(event)).toEqual(['name', 'data.a', 'createdAt', 'source', 'conversionId', 'identity.id']);
  });

  it.each([
    ['undefined', undefined],
    ['a string', 'add_to_cart'],
    ['a list', []],
    ['a revoked proxy', revoked()],
  ])('refuses %s in place of an event', (_what, event) => {
    expect(paths(event)).toEqual(['event']);
  });

  it('refuses an event whose members can not be read', () => {
    const event = {
      name: 'n',
      identity,
      get source() {
        throw new Error('no');
      },
    };
    expect(paths(event)).toEqual(['event']);
  });

  it('names the event in the message, and cuts an endless name', () => {
    const of = (name: string): string => {
      try {
        build({ name, data: { a: 1n } });
        return '';
      } catch (thrown) {
        return (thrown as Error).message;
      }
    };
    expect(of('add_to_cart')).toMatch(/^Invalid event "add_to_cart": data\.a: a bigint/);
    expect(of('x'.repeat(200)).length).toBeLessThan(200);
  });
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function cyclic(): object {
  const own: Record<string, unknown> = {};
  own.own = own;
  return own;
}
