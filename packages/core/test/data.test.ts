import { describe, expect, it } from 'vitest';
import { build, issues, paths } from './issues.ts';

const withData = (data: unknown): object => ({ name: 'n', identity: { id: '1' }, data });

describe('data', () => {
  it.each([
    ['a list', [1], 'data: must be a plain object, not a list'],
    ['a string', 'x', 'data: must be a plain object, not a string'],
    ['a Date', new Date(0), 'data: must be a plain object, not a string'],
    ['a number', 3, 'data: must be a plain object, not 3'],
    ['a Map', new Map(), 'data: an instance of Map without toJSON; pass a plain object'],
    ['a function', () => {}, 'data: a function can not be sent as JSON'],
  ])('may not be %s', (_what, data, issue) => {
    expect(issues(withData(data))).toEqual([issue]);
  });

  it.each([
    ['a function', () => {}, 'a function can not be sent as JSON'],
    ['a symbol', Symbol('s'), 'a symbol can not be sent as JSON'],
    ['a bigint', 1n, 'a bigint can not be sent as JSON; convert it to a string or a number'],
    ['NaN', Number.NaN, 'NaN can not be sent as JSON'],
    ['Infinity', Number.NEGATIVE_INFINITY, '-Infinity can not be sent as JSON'],
    ['an invalid Date', new Date(Number.NaN), 'an invalid Date'],
    [
      'a class instance',
      new (class Money {
        amount = 1;
      })(),
      'an instance of Money without toJSON; pass a plain object',
    ],
    [
      'an instance of a nameless class',
      new (class {})(),
      'an instance of a class without toJSON; pass a plain object',
    ],
    [
      'a getter that throws',
      {
        get x() {
          throw new Error('no');
        },
      },
      'could not be read: no',
    ],
    [
      'a toJSON that throws',
      {
        toJSON() {
          // biome-ignore lint/style/useThrowOnlyError: that is the point.
          throw { toString: null };
        },
      },
      'could not be read: it threw',
    ],
    [
      'a class whose toJSON returns itself',
      new (class A {
        toJSON() {
          return this;
        }
      })(),
      'its toJSON returns itself',
    ],
  ])('may not contain %s, and says where', (_what, value, message) => {
    expect(issues(withData({ items: [{ price: 1 }, { price: value }] }))).toEqual([
      `data.items[1].price: ${message}`,
    ]);
  });

  it('names a key that is no identifier in brackets, and cuts an endless one', () => {
    expect(issues(withData({ 'a b': 1n }))[0]).toMatch(/^data\["a b"\]: /);
    expect(issues(withData({ ['k'.repeat(200)]: 1n }))[0]).toMatch(/^data\["k{80}…"\]: /);
  });

  it('may not contain itself', () => {
    const data: Record<string, unknown> = { a: {} };
    Object.assign(data.a as object, { back: data });
    expect(issues(withData(data))).toEqual(['data.a.back: a cycle: it contains itself']);
  });

  it('may contain one object twice', () => {
    const shared = { x: 1 };
    expect(build({ data: { a: shared, b: [shared] } }).data).toEqual({ a: { x: 1 }, b: [{ x: 1 }] });
  });

  it('turns Dates into ISO strings, asks toJSON, and drops undefined (null in a list)', () => {
    const data = {
      at: new Date(0),
      url: new URL('https://example.com/a'),
      money: { toJSON: () => ({ amount: 1 }) },
      own: {
        kept: 1,
        toJSON() {
          return this;
        },
      },
      gone: undefined,
      list: [1, undefined, null],
      minusZero: -0,
    };
    // A plain object's own toJSON is a function among its keys, so it is an issue when it returns its object.
    expect(issues(withData({ own: data.own }))).toEqual([
      'data.own.toJSON: a function can not be sent as JSON',
    ]);
    expect(build({ data: { ...data, own: undefined } }).data).toStrictEqual({
      at: '1970-01-01T00:00:00.000Z',
      url: 'https://example.com/a',
      money: { amount: 1 },
      list: [1, null, null],
      minusZero: 0,
    });
  });

  it('keeps an own key named __proto__ as a key, and follows no prototype', () => {
    const data = JSON.parse('{"__proto__":{"polluted":true},"a":1}') as object;
    const built = build({ data, identity: JSON.parse('{"id":"1","__proto__":{"admin":true}}') as object });
    expect(JSON.stringify(built.data)).toBe('{"__proto__":{"polluted":true},"a":1}');
    expect(JSON.stringify(built.identity)).toBe('{"id":"1","__proto__":{"admin":true}}');
    expect(Object.getPrototypeOf(built.data)).toBe(Object.prototype);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('ignores symbol keys and keys that are not enumerable', () => {
    const data = Object.defineProperty({ a: 1, [Symbol('s')]: 2 }, 'hidden', { value: 3 });
    expect(build({ data }).data).toStrictEqual({ a: 1 });
  });

  it('may be nested 64 levels deep, and no deeper', () => {
    const nested = (levels: number): object => (levels === 1 ? {} : { n: nested(levels - 1) });
    expect(issues(withData(nested(64)))).toEqual([]);
    expect(issues(withData(nested(65)))[0]).toContain('nested deeper than 64 levels');
    const endless = { toJSON: () => ({ ...endless }) };
    expect(issues(withData({ endless }))).toEqual(['data.endless: nested deeper than 64 levels']);
  });

  it('tells at most 20 issues of it', () => {
    const data = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, 1n]));
    expect(issues(withData(data))).toHaveLength(20);
  });
});

describe('the size', () => {
  it('may be maxPayloadBytes, counted in bytes, and no more', () => {
    const event = withData({ text: 'é'.repeat(40) });
    const { auth_token: _, ...body } = build(event);
    const bytes = Buffer.byteLength(JSON.stringify(body));
    expect(issues(event, { maxPayloadBytes: bytes })).toEqual([]);
    expect(issues(event, { maxPayloadBytes: bytes - 1 })).toEqual([
      `event: encodes to ${bytes} bytes, and may have ${bytes - 1} (see maxPayloadBytes)`,
    ]);
  });

  it('is 256 KiB by default', () => {
    expect(issues(withData({ text: 'x'.repeat(255 * 1024) }))).toEqual([]);
    expect(paths(withData({ text: 'x'.repeat(257 * 1024) }))).toEqual(['data.text']);
  });

  it('bounds the copy of a small object that unfolds into a huge one', () => {
    let bomb: unknown = 'x';
    for (let level = 0; level < 40; level++) bomb = [bomb, bomb];
    expect(issues(withData({ bomb }))).toEqual([expect.stringContaining('larger than an event may be')]);
    expect(paths(withData({ list: new Array(1_000_000_000) }))).toEqual(['data.list']);
    expect(
      paths(withData(Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`key${index}`, 1])))),
    ).toEqual(['data']);
  });
});
