import { expect } from 'vitest';
import type { Declared, Scenario } from '../scenario.ts';

/** What callbacks do at their worst. */
const FAULTS: Readonly<Record<string, () => never>> = {
  throws: () => {
    throw new Error('broken');
  },
  rejects: () => Promise.reject(new Error('broken')) as never,
  hangs: () => new Promise(() => {}) as never,
  'throws what answers no question': () => {
    throw mute();
  },
  'rejects with what answers no question': () => Promise.reject(mute()) as never,
  'gives a thenable that throws': () =>
    thenable(() => {
      throw mute();
    }),
  'gives a thenable that resolves and rejects': () =>
    thenable((resolve, reject) => {
      resolve(mute());
      reject(mute());
    }),
};

/** Everything that is asked of it throws. */
function mute(): object {
  const fail = (): never => {
    throw new Error('broken');
  };
  return new Proxy({}, { get: fail, has: fail, getPrototypeOf: fail, ownKeys: fail });
}

type Then = (resolve: (value: unknown) => void, reject: (thrown: unknown) => void) => void;

const thenable = (then: Then): never => ({ then }) as never;

/** What is neither yes nor no. */
const UNDECIDED: Readonly<Record<string, () => never>> = {
  'a text': () => 'yes' as never,
  nothing: () => undefined as never,
};

const CALLBACKS = ['identify', 'data', 'when', 'success'] as const;

const order = { id: 7, items: ['hat'] };

const answersAsEver: Scenario['exercise'] = async (bench) => {
  expect(await bench.send()).toMatchObject({ status: 200, result: order });
};

const cycle: Record<string, unknown> = {};
cycle.self = cycle;

const UNSERIALISABLE: Readonly<Record<string, () => Record<string, unknown>>> = {
  'a bigint': () => ({ total: 10n }),
  'a cycle': () => cycle,
  'a class instance': () => ({ at: new Map() }),
  'a text of one megabyte': () => ({ text: 'x'.repeat(1024 * 1024) }),
  'a getter that throws': () => ({
    get text(): string {
      throw new Error('broken');
    },
  }),
};

/** Callbacks that fail, and data that JSON can't say: the answer is the same as ever. */
export const callbacks: readonly Scenario[] = [
  ...CALLBACKS.flatMap((callback) =>
    Object.entries(FAULTS).map(
      ([how, fault]): Scenario => ({
        name: `whose ${callback} callback ${how} is answered as ever, without that event`,
        declared: [{ name: 'bought', [callback]: fault } as Declared, { name: 'other' }],
        handle: () => order,
        exercise: answersAsEver,
        expected: {
          events: [{ name: 'other', by: '42' }],
          skipped: ['bought: callback-failed'],
          failed: [callback],
        },
      }),
    ),
  ),
  ...Object.entries(UNDECIDED).flatMap(([what, answer]) =>
    (['when', 'success'] as const).map(
      (callback): Scenario => ({
        name: `whose ${callback} callback answers with ${what} is answered as ever, without that event`,
        declared: [{ name: 'bought', [callback]: answer } as Declared],
        handle: () => order,
        exercise: answersAsEver,
        expected: { events: [], skipped: ['bought: callback-failed'], failed: [callback] },
      }),
    ),
  ),
  ...['throws', 'rejects', 'hangs'].map(
    (how): Scenario => ({
      name: `whose user can not be asked for, as identify ${how}, is answered as ever, without events`,
      options: { identify: FAULTS[how] as () => never },
      declared: [{ name: 'bought' }, { name: 'own', identify: () => ({ id: '7', email: '7@example.com' }) }],
      handle: ({ vero }) => {
        vero.track('seen');
        vero.trackOnSuccess('done');
        return order;
      },
      exercise: answersAsEver,
      expected: {
        events: [{ name: 'own', by: '7' }],
        skipped: ['bought: callback-failed', 'done: callback-failed', 'seen: callback-failed'],
        failed: ['identify', 'identify', 'identify'],
      },
    }),
  ),
  {
    name: 'whose attributes never load is answered as ever, and its event goes without',
    options: { attributes: { load: FAULTS.hangs as () => never } },
    declared: [{ name: 'bought' }],
    handle: () => order,
    exercise: answersAsEver,
    expected: { events: [{ name: 'bought', by: '42' }], failed: ['attributes.load'] },
  },
  ...Object.entries(UNSERIALISABLE).map(
    ([what, data]): Scenario => ({
      name: `whose data holds ${what} is answered as ever, and the event is told to be invalid`,
      declared: [{ name: 'bought', data }, { name: 'other' }],
      handle: ({ vero }) => {
        vero.track('seen', { data: data() });
        vero.trackOnSuccess('done', { data: data() });
        return order;
      },
      exercise: answersAsEver,
      expected: {
        events: [{ name: 'other', by: '42' }],
        skipped: [],
        invalid: ['bought', 'done', 'seen'],
      },
    }),
  ),
];
