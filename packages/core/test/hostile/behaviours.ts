import type { Vero } from '../../src/index.ts';

/** What a function of the user's may do, when it is called with the client at hand. */
export type Behaviour = (vero: Vero, args: readonly unknown[]) => unknown;

const fail = (): never => {
  throw new Error('hostile');
};

/** Answers no question about itself. */
export function mute(target: object = {}): object {
  return new Proxy(target, {
    get: fail,
    has: fail,
    ownKeys: fail,
    getPrototypeOf: fail,
    getOwnPropertyDescriptor: fail,
    set: fail,
    defineProperty: fail,
  });
}

export function revoked(target: object = {}): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** An error of which nothing can be read. */
function unreadableError(): Error {
  const error = new Error('hostile');
  for (const name of ['message', 'stack', 'code', 'cause', 'errors', 'name', 'toString', 'toJSON'])
    Object.defineProperty(error, name, { get: fail, configurable: true });
  return error;
}

function endlessError(): Error {
  const error = new AggregateError([], 'hostile');
  error.cause = error;
  error.errors = Array.from({ length: 300 }, () => error);
  return error;
}

const THROWN: Readonly<Record<string, () => unknown>> = {
  'an error': () => new Error('hostile'),
  null: () => null,
  undefined: () => undefined,
  'a symbol': () => Symbol('hostile'),
  'a mute proxy': () => mute(),
  'a mute error': () => mute(new Error('hostile')),
  'a revoked proxy': () => revoked(),
  'an object without a prototype': () => Object.create(null),
  'an error of which nothing can be read': unreadableError,
  'an error whose message is no text': () =>
    Object.assign(new Error('hostile'), { message: { toString: fail } }),
  'an error that contains itself, many times': endlessError,
  'an error of a megabyte': () => new Error('hostile '.repeat(130_000)),
};

// biome-ignore-start lint/suspicious/noThenProperty: that is the point.
const THENABLES: Readonly<Record<string, () => unknown>> = {
  'a thenable whose then throws': () => ({ then: fail }),
  'a thenable whose then throws when it has resolved': () => ({
    then(resolve: (value: unknown) => void) {
      resolve(undefined);
      fail();
    },
  }),
  'a thenable that resolves and rejects, at once and later': () => ({
    then(resolve: (value: unknown) => void, reject: (thrown: unknown) => void) {
      resolve(undefined);
      reject(new Error('hostile'));
      setImmediate(() => {
        reject(new Error('hostile'));
        resolve(undefined);
      });
    },
  }),
  'a thenable that rejects with a mute proxy': () => ({
    then: (_: unknown, reject: (thrown: unknown) => void) => reject(mute()),
  }),
  'a thenable that resolves with thenables': () => {
    let depth = 0;
    const nested = (): object => ({
      then: (resolve: (value: unknown) => void) => resolve(depth++ < 5 ? nested() : revoked()),
    });
    return nested();
  },
  'an object whose then can not be read': () => Object.defineProperty({}, 'then', { get: fail }),
  'an object whose then is one only the first time': () => {
    let reads = 0;
    return Object.defineProperty({}, 'then', {
      get: () => (reads++ === 0 ? (resolve: (value: unknown) => void) => resolve(undefined) : 'gone'),
    });
  },
  'a promise whose constructor can not be read': () =>
    Object.defineProperty(Promise.resolve(), 'constructor', { get: fail }),
  'a promise whose then throws': () => Object.assign(Promise.resolve(), { then: fail }),
};
// biome-ignore-end lint/suspicious/noThenProperty: as above.

const VALUES: Readonly<Record<string, () => unknown>> = {
  nothing: () => undefined,
  null: () => null,
  'a number': () => Number.NaN,
  'a text': () => 'hostile',
  'a symbol': () => Symbol('hostile'),
  'a bigint': () => 1n,
  'a function': () => fail,
  'a list': () => [undefined, null, mute()],
  'a list without entries': () => new Array(3),
  'a mute proxy': () => mute(),
  'a revoked proxy': () => revoked(),
  'a revoked list': () => revoked([]),
  'an object whose entries can not be read': () =>
    Object.defineProperties(
      {},
      Object.fromEntries(
        ['id', 'status', 'message', 'length', 'identity', 'data', 'issues', 'value', 'name', 'v'].map(
          (name) => [name, { get: fail, enumerable: true }],
        ),
      ),
    ),
  'an object that never answers twice alike': () => {
    let reads = 0;
    return new Proxy(
      {},
      { get: (_target, name) => (reads++ % 2 === 0 ? fail : String(name)), has: () => true },
    );
  },
};

/** What it calls while the client waits for its answer. */
const CALLS: Readonly<Record<string, (vero: Vero) => unknown>> = {
  track: (vero) => vero.track('inner', { identity: { id: '1' } }),
  'track without a user': (vero) => vero.track('inner'),
  'trackOnSuccess and cancelTracking': (vero) => {
    vero.trackOnSuccess('inner');
    vero.cancelTracking('inner');
  },
  'a scope': (vero) => vero.run({ identity: { id: '1' } }, () => vero.trackOnSuccess('inner')),
  'identity, stats and health': (vero) => [vero.identity(), vero.stats(), vero.health()],
  'flush, without awaiting it': (vero) => void vero.flush({ timeout: 5 }),
  'close, without awaiting it': (vero) => void vero.close({ timeout: 5 }),
  'on, and off again': (vero) => vero.on('error', fail)(),
};

/** Changes or breaks whatever it was given, as deep as it goes. */
function deface(value: unknown, depth = 0): void {
  if (typeof value !== 'object' || value === null || depth > 3) return;
  for (const key of Reflect.ownKeys(value)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(value, key);
    if (descriptor && 'value' in descriptor) deface(descriptor.value, depth + 1);
    Reflect.deleteProperty(value, key);
  }
  Reflect.defineProperty(value, 'name', { get: fail, configurable: true });
}

const named = (
  verb: string,
  what: Readonly<Record<string, () => unknown>>,
  behave: (make: () => unknown) => Behaviour,
): [string, Behaviour][] => Object.entries(what).map(([name, make]) => [`${verb} ${name}`, behave(make)]);

/** What functions do at their worst. None of it may reach the host. */
export const BEHAVIOURS: readonly (readonly [string, Behaviour])[] = [
  ...named('throws', THROWN, (make) => () => {
    throw make();
  }),
  ...named('rejects with', THROWN, (make) => async () => {
    throw make();
  }),
  ...named('later rejects with', THROWN, (make) => async () => {
    await new Promise(setImmediate);
    throw make();
  }),
  ...named('gives', THENABLES, (make) => make),
  ...named('gives', VALUES, (make) => make),
  ...named('promises', VALUES, (make) => async () => make()),
  ...Object.entries(CALLS).map(([name, call]): [string, Behaviour] => [
    `calls ${name}`,
    (vero) => call(vero),
  ]),
  ['changes what it is given', (_vero, args) => args.forEach((arg) => void deface(arg))],
];
