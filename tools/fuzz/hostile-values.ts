import { createContext, runInContext } from 'node:vm';
import fc from 'fast-check';
import { anything, type Make, trickyKey } from '../../packages/core/test/arbitraries.ts';

/** Stands where values are, and must be in nothing that is printed. */
export const CANARY = 'canary-value';

const otherRealm = createContext({});

const fail = (): never => {
  throw new Error('hostile');
};

/** Answers one thing when it is checked, and another when it is used. */
function changing(first: unknown, then: unknown): object {
  let reads = 0;
  return {
    get x() {
      return reads++ === 0 ? first : then;
    },
  };
}

function deep(levels: number, leaf: unknown): unknown {
  let value = leaf;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? { a: value } : [value];
  return value;
}

/** Small, and unfolds into more than memory has. */
function explosive(): object {
  let value: object = { leaf: CANARY };
  for (let level = 0; level < 60; level++) value = { a: value, b: value };
  return value;
}

const special: fc.Arbitrary<Make> = fc.constantFrom<Make[]>(
  () => CANARY,
  () => runInContext('({ list: [1, { at: new Date(0) }], map: new Map(), nothing: undefined })', otherRealm),
  () => runInContext('Object.create(null)', otherRealm),
  () => runInContext('new Error("canary-value")', otherRealm),
  () => changing(1, () => 1),
  () => changing({ [CANARY]: 1 }, 10n),
  () => changing('ok', changing(CANARY, fail)),
  () => deep(63, CANARY),
  () => deep(64, CANARY),
  () => Object.assign([1, 2], { extra: CANARY }),
  () => Object.assign(() => CANARY, { property: CANARY }),
  () => ({ toJSON: () => ({ toJSON: () => CANARY }) }),
  () => ({
    toJSON() {
      return this;
    },
  }),
  () => ({
    toJSON() {
      return { again: this };
    },
  }),
  () => ({
    toJSON(key: string) {
      return Object.defineProperty({}, key || 'x', { get: fail, enumerable: true });
    },
  }),
  () => new Proxy({}, { ownKeys: () => ['a', 'a'] }),
  () => new Proxy({}, { ownKeys: () => ['a'], getOwnPropertyDescriptor: fail }),
  () => new Proxy({}, { getPrototypeOf: () => Array.prototype }),
  () => Buffer.from(CANARY),
  () => new Float64Array([Number.NaN]),
  () => new DataView(new ArrayBuffer(8)),
  () => new SharedArrayBuffer(8),
  () => Object(10n),
  () => Object(Symbol('s')),
  () => Object(CANARY),
  () => -0,
  () => Number.MIN_VALUE,
  () => '\ud800',
  () => `${CANARY}\udfff\u0000\u2028`,
  // biome-ignore lint/suspicious/noThenProperty: that is the point.
  () => ({ then: fail }),
  async () => CANARY,
  () => new URL('https://example.com/canary-value'),
  () =>
    new (class Row {
      id = CANARY;
    })(),
  () => JSON.parse('{"__proto__":{"id":"9"},"constructor":{"prototype":{"x":1}}}'),
);

/** What costs time, too, and so comes seldom. */
const heavy: fc.Arbitrary<Make> = fc.constantFrom<Make[]>(
  () => new Proxy([], { get: (target, name) => (name === 'length' ? 2 ** 53 : Reflect.get(target, name)) }),
  () => deep(50_000, CANARY),
  explosive,
  () => CANARY.repeat(30_000),
  () => 'x'.repeat(262_144),
  () => '\u{1f600}'.repeat(65_536),
  () => Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`key-${index}`, index])),
  () => ({ ['k'.repeat(300_000)]: 1 }),
  () => globalThis,
  () => process.env,
  () => Object.assign(new Array(1_000), { 999: 1 }),
);

/** Anything, deeper and wider than what fights back alone. */
export const hostileValue: fc.Arbitrary<Make> = fc.letrec<{ value: Make; object: Make; list: Make }>(
  (tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 40, arbitrary: special },
      { weight: 1, arbitrary: heavy },
      { weight: 40, arbitrary: anything },
      { weight: 20, arbitrary: tie('object') },
      { weight: 10, arbitrary: tie('list') },
    ),
    object: fc
      .array(
        fc.tuple(fc.oneof(trickyKey, fc.constantFrom('id', 'email', 'password', 'a b', 'x')), tie('value')),
        {
          maxLength: 4,
        },
      )
      .map(
        (entries): Make =>
          () => {
            const made: Record<string, unknown> = {};
            for (const [key, make] of entries)
              Object.defineProperty(made, key, {
                value: make(),
                enumerable: true,
                configurable: true,
                writable: true,
              });
            return made;
          },
      ),
    list: fc.array(tie('value'), { maxLength: 4 }).map(
      (makes): Make =>
        () =>
          makes.map((make) => make()),
    ),
  }),
).value;
