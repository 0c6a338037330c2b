import fc from 'fast-check';

/** Enough to find what is to be found, and over in seconds. */
export const RUNS = { numRuns: 300 };

/** Keys that have tripped others up, among all kinds of text. */
export const trickyKey: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'toJSON',
    'hasOwnProperty',
    'length',
    '0',
    '',
  ),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
);

/** Makes a value. Values that fight back can't be handed around by fast-check itself. */
export type Make = () => unknown;

export const makeOf =
  (value: unknown): Make =>
  () =>
    value;

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function throwing(problem: unknown): object {
  const fail = (): never => {
    throw problem;
  };
  return new Proxy(
    {},
    { get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail, getOwnPropertyDescriptor: fail },
  );
}

function cyclic(): object {
  const own: Record<string, unknown> = { list: [] };
  (own.list as unknown[]).push({ own });
  return own;
}

const hostile: fc.Arbitrary<Make> = fc.constantFrom<Make[]>(
  () => revoked({}),
  () => revoked([]),
  () => throwing(new Error('no')),
  () => throwing('no'),
  () => throwing(null),
  () => ({
    get id(): string {
      throw new Error('no');
    },
  }),
  () => ({
    toJSON() {
      throw new Error('no');
    },
  }),
  () => ({ toJSON: cyclic }),
  () => ({ toJSON: () => 'text' }),
  () => ({ toString: null, valueOf: null }),
  cyclic,
  () => Object.create({ id: '1' }),
  () => Object.freeze({ id: '1' }),
  () => new Proxy({ id: '1' }, {}),
  () => new Proxy(() => {}, {}),
  () => class {},
  () => new WeakMap(),
  () => new Error('an error'),
  () => Promise.resolve({ id: '1' }),
  () => Symbol('s'),
  () => new Date(Number.NaN),
);

/** Whatever fast-check can think of. */
export const plain: fc.Arbitrary<Make> = fc
  .anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
    key: trickyKey,
  })
  .map(makeOf);

/** That, and what fights back, by itself and inside an object. */
export const anything: fc.Arbitrary<Make> = fc.oneof(
  plain,
  hostile,
  fc.tuple(trickyKey, hostile).map(
    ([key, make]): Make =>
      () => ({ [key]: make() }),
  ),
);

/** `valid` more often than not, and anything otherwise. */
export const orAnything = (valid: unknown): fc.Arbitrary<Make> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(makeOf(valid)) }, { weight: 1, arbitrary: anything });

/** An object with some of these members. */
export const objectOf = (
  members: Readonly<Record<string, fc.Arbitrary<Make>>>,
  requiredKeys: string[] = [],
): fc.Arbitrary<Make> =>
  fc.record(members, { requiredKeys }).map(
    (made): Make =>
      () =>
        Object.fromEntries(Object.entries(made).map(([key, make]) => [key, make()])),
  );

/** What a value looks like, to see whether it was changed; what can't be looked at can't be compared. */
export function print(value: unknown): string {
  try {
    return fc.stringify(value);
  } catch {
    return 'what fights back';
  }
}
