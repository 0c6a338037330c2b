import { afterEach, beforeEach, expect, it } from 'vitest';
import { declareEvents } from '../../src/adapter.ts';
import { messageOf } from '../../src/errors.ts';
import {
  createVero,
  defineEvents,
  defineIdentity,
  type EventQueue,
  memoryQueue,
  type StandardSchema,
  type Vero,
  type VeroEvents,
  type VeroOptions,
} from '../../src/index.ts';
import { expectBalanced, expectNoCredential, JANE, TOKEN } from '../clients.ts';
import { BEHAVIOURS, type Behaviour } from './behaviours.ts';
import { declared } from './declared.ts';

type AnyFunction = (...args: unknown[]) => unknown;

interface Boundary {
  /** Whose function it is. */
  readonly name: string;
  /** The client's options with the function in its place. */
  readonly options?: (hostile: AnyFunction) => VeroOptions;
  /** What the host does, with one event. It gets what it would get without the function: nothing. */
  readonly host: (vero: Vero, hostile: AnyFunction) => unknown;
  /** Whether what the function is given is its own from then on. */
  readonly keeps?: boolean;
}

const DELIVERY = { timeoutMs: 50, retry: { baseMs: 1, maxMs: 5, maxAttempts: 2 } };
const taking = { send: async () => ({ status: 200 }) };
const track = (vero: Vero): unknown => vero.track('outer', { identity: JANE });

const LISTENED: readonly (readonly [keyof VeroEvents, VeroOptions, (vero: Vero) => unknown])[] = [
  ['delivered', {}, track],
  ['retrying', { transport: { send: async () => ({ status: 500 }) } }, track],
  ['rejected', { transport: { send: async () => ({ status: 400 }) } }, track],
  ['dropped', { beforeSend: () => false }, track],
  ['invalid', {}, (vero) => vero.track('', { identity: JANE })],
  ['skipped', {}, (vero) => vero.track('outer')],
  ['paused', { transport: { send: async () => ({ status: 401 }) } }, track],
  ['error', { beforeAccept: () => Promise.reject(new Error('hostile')) as never }, track],
];

const QUEUE_METHODS = ['put', 'take', 'ack', 'retry', 'dead', 'nextDueAt', 'pauseUntil', 'close'] as const;

function queueWith(method: string, hostile: AnyFunction): EventQueue {
  return Object.assign(memoryQueue(), { [method]: hostile });
}

/** Answers that make the engine call each of the queue's methods. */
function answersInTurn(): VeroOptions['transport'] {
  const statuses = [429, 500, 400];
  return { send: async () => ({ status: statuses.shift() ?? 200, retryAfterMs: 1 }) };
}

const schema = (validate: AnyFunction): StandardSchema<never, { id: string }> =>
  ({ '~standard': { version: 1, vendor: 'hostile', validate } }) as never;

const DECLARED: Readonly<Record<string, (hostile: AnyFunction) => object>> = {
  data: (data) => ({ data }),
  when: (when) => ({ when }),
  success: (success) => ({ success }),
  identify: (identify) => ({ identify }),
};

const BOUNDARIES: readonly Boundary[] = [
  { name: 'authToken', options: (authToken) => ({ authToken: authToken as never }), host: track },
  { name: 'beforeAccept', options: (beforeAccept) => ({ beforeAccept: beforeAccept as never }), host: track },
  { name: 'beforeSend', options: (beforeSend) => ({ beforeSend: beforeSend as never }), host: track },
  { name: 'waitUntil', options: (waitUntil) => ({ waitUntil }), host: track },
  { name: 'logger', options: (logger) => ({ logger }), host: (vero) => vero.track('outer') },
  { name: 'transport.send', options: (send) => ({ transport: { send: send as never } }), host: track },
  {
    name: 'transport.close',
    options: (close) => ({ transport: { ...taking, close: close as never } }),
    host: track,
  },
  ...LISTENED.map(
    ([name, options, host]): Boundary => ({
      name: `a listener of ${name}`,
      options: () => options,
      host: (vero, hostile) => {
        vero.on(name, hostile);
        return host(vero);
      },
    }),
  ),
  ...QUEUE_METHODS.map(
    (method): Boundary => ({
      name: `queue.${method}`,
      options: (hostile) => ({ queue: queueWith(method, hostile), transport: answersInTurn() }),
      host: track,
      keeps: method === 'put',
    }),
  ),
  {
    name: 'what a queue gave to stop listening',
    options: (hostile) => ({
      queue: Object.assign(memoryQueue(), { onAvailable: () => hostile, onProblem: () => hostile }) as never,
    }),
    host: track,
  },
  {
    name: "an event's schema",
    options: (validate) => ({ events: defineEvents({ outer: schema(validate) }) as never }),
    host: track,
  },
  {
    name: "an identity's schema",
    options: (validate) => ({ identity: defineIdentity(schema(validate)) as never }),
    host: track,
  },
  {
    name: 'toJSON in data',
    host: (vero, toJSON) => vero.track('outer', { identity: JANE, data: { at: { toJSON } } }),
  },
  {
    name: 'a getter in an identity',
    host: (vero, hostile) =>
      vero.track('outer', {
        identity: {
          ...JANE,
          get plan() {
            return hostile();
          },
        },
      }),
  },
  {
    name: "a getter among an event's options",
    host: (vero, hostile) =>
      vero.track('outer', {
        identity: JANE,
        get data() {
          return hostile() as never;
        },
      }),
  },
  {
    name: 'a getter in the identity of a scope',
    host: (vero, hostile) =>
      vero.run(
        {
          identity: {
            ...JANE,
            get plan() {
              return hostile();
            },
          },
        },
        () => vero.trackOnSuccess('outer'),
      ),
  },
  ...Object.entries(DECLARED).map(
    ([name, options]): Boundary => ({
      name: `a declaration's ${name}`,
      host: (vero, hostile) => declared(vero, options(hostile)),
    }),
  ),
  {
    name: "a declaration's choose",
    host: (vero, choose) =>
      declared(vero, {}, undefined, undefined, () =>
        declareEvents('hostile', ['outer', 'other'], choose as never),
      ),
  },
  { name: "an adapter's identify", host: (vero, identify) => declared(vero, {}, { identify }) },
  {
    name: 'attributes.load',
    host: (vero, load) => declared(vero, {}, { identify: () => JANE, attributes: { load } }),
  },
];

const stray: unknown[] = [];
const note = (thrown: unknown): void => void stray.push(thrown);

beforeEach(() => {
  stray.length = 0;
  process.on('unhandledRejection', note);
  process.on('uncaughtException', note);
});
afterEach(() => {
  process.off('unhandledRejection', note);
  process.off('uncaughtException', note);
});

/** A host with the function in its place: one event, the end of the client, and one more. */
async function tryOut({ options, host }: Boundary, behave: Behaviour): Promise<Vero> {
  let vero: Vero | undefined;
  let calls = 0;
  const hostile: AnyFunction = (...args) => {
    // What calls itself again and again is a mistake that has its own test.
    if (!vero || ++calls > 50) return undefined;
    return behave(vero, args);
  };
  vero = createVero({
    authToken: TOKEN,
    transport: taking,
    logger: () => {},
    delivery: DELIVERY,
    ...options?.(hostile),
  });
  expect(host(vero, hostile)).toBeUndefined();
  expectBalanced(vero);
  await new Promise(setImmediate);
  await vero.close({ timeout: 20 });
  // A host that goes on after it has closed.
  expect(host(vero, hostile)).toBeUndefined();
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  return vero;
}

/** What is wrong afterwards. */
async function problemsOf(boundary: Boundary, what: string, behave: Behaviour): Promise<string[]> {
  try {
    const vero = await tryOut(boundary, behave);
    expectBalanced(vero);
    const { pending, deferred, openScopes, accepted, invalid, skipped } = vero.stats();
    expect({ pending, deferred, openScopes }).toEqual({ pending: 0, deferred: 0, openScopes: 0 });
    const counted = accepted + invalid + Object.values(skipped).reduce((sum, count) => sum + count, 0);
    // What calls the client again has events of its own.
    if (what.startsWith('calls')) expect(counted).toBeGreaterThanOrEqual(2);
    else expect(counted).toBe(2);
    expectNoCredential(vero, vero.stats());
    return [];
  } catch (thrown) {
    return [`when it ${what}: ${messageOf(thrown)}`];
  }
}

it.each(BOUNDARIES)('$name does not reach the host, whatever it does', async (boundary) => {
  const problems = await Promise.all(
    BEHAVIOURS.filter(([what]) => !boundary.keeps || !what.startsWith('changes')).map(([what, behave]) =>
      problemsOf(boundary, what, behave),
    ),
  );
  expect(problems.flat()).toEqual([]);
  expect(stray.map(messageOf)).toEqual([]);
});
