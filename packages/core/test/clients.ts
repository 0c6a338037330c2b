import { inspect } from 'node:util';
import { afterEach, expect } from 'vitest';
import { createVero, type Transport, type Vero, type VeroEvents, type VeroOptions } from '../src/index.ts';
import { countPublished, expectPublished, type Published } from './published.ts';

export const TOKEN = 'tok_secret_of_the_tests';
export const JANE = { id: '42', email: 'jane@example.com' };

type Told = { readonly [Name in keyof VeroEvents]: VeroEvents[Name][] };

export interface TestClient {
  readonly vero: Vero;
  /** Everything that the client told, by event. */
  readonly told: Told;
  /** Resolves with the first `count` tellings when there are so many. */
  until<Name extends keyof VeroEvents>(name: Name, count?: number): Promise<VeroEvents[Name][]>;
}

const NAMES = [
  'delivered',
  'retrying',
  'rejected',
  'dropped',
  'invalid',
  'skipped',
  'paused',
  'resumed',
  'error',
] as const satisfies readonly (keyof VeroEvents)[];

const made = new Map<Vero, { readonly told: Told | undefined; readonly published: Published }>();

afterEach(async () => {
  const clients = [...made];
  made.clear();
  for (const [vero, { told, published }] of clients) {
    expectBalanced(vero);
    await vero.close({ timeout: 0 });
    expectBalanced(vero);
    expect(vero.stats().pending).toBe(0);
    if (told) expectCounted(vero, told);
    expectPublished(vero, published);
    published.stop();
    expectNoCredential(vero, told, published.some, vero.stats(), await vero.deadLetters.export());
  }
});

/** A client with short timers that listens to everything. Closed, and its books checked, after the test. */
export function makeClient(options: VeroOptions = {}): TestClient {
  const vero = track(
    createVero({ ...FAST, ...options, delivery: { ...FAST.delivery, ...options.delivery } }),
  );
  const told = Object.fromEntries(NAMES.map((name) => [name, []])) as unknown as Told;
  const waiting = new Set<() => void>();
  for (const name of NAMES) {
    vero.on(name, (it) => {
      (told[name] as unknown[]).push(it);
      for (const check of [...waiting]) check();
    });
  }
  made.set(vero, { told, published: made.get(vero)?.published ?? countPublished() });
  return {
    vero,
    told,
    until: (name, count = 1) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (told[name].length < count) return;
          waiting.delete(check);
          resolve(told[name].slice(0, count));
        };
        waiting.add(check);
        check();
      }),
  };
}

/** The same, with a transport that takes everything, and the bodies that it was given. */
export function makeSendingClient(
  options: VeroOptions = {},
): TestClient & { readonly sent: Record<string, unknown>[] } {
  const sent: Record<string, unknown>[] = [];
  const send: Transport['send'] = async ({ body }) => {
    sent.push(JSON.parse(body));
    return { status: 200 };
  };
  return { ...makeClient({ transport: { send }, ...options }), sent };
}

/** Has a client closed, and its books checked, after the test. */
export function track(vero: Vero): Vero {
  made.set(vero, { told: undefined, published: countPublished() });
  return vero;
}

const FAST = {
  authToken: TOKEN,
  delivery: { timeoutMs: 2_000, retry: { baseMs: 1, maxMs: 20 } },
};

export function expectBalanced(vero: Vero): void {
  const { accepted, taken, delivered, rejected, dropped, handedOver, pending } = vero.stats();
  expect(accepted + taken).toBe(delivered + rejected + dropped + handedOver + pending);
  for (const count of Object.values(vero.stats()))
    if (typeof count === 'number') expect(count).toBeGreaterThanOrEqual(0);
}

/** What was told is what was counted. */
function expectCounted(vero: Vero, told: Told): void {
  const { delivered, rejected, dropped, invalid, skipped, retries } = vero.stats();
  const skippedInAll = Object.values(skipped).reduce((sum, count) => sum + count, 0);
  expect({ delivered, rejected, dropped, skippedInAll }).toEqual({
    delivered: told.delivered.length,
    rejected: told.rejected.length,
    dropped: told.dropped.length,
    skippedInAll: told.skipped.length,
  });
  expect(retries).toBe(told.retrying.length);
  // `send` tells its caller instead.
  expect(invalid).toBeGreaterThanOrEqual(told.invalid.length);
}

/** Looks wherever a credential could hide: what is printed, what is logged as JSON, and what is not enumerable. */
export function expectNoCredential(...values: readonly unknown[]): void {
  for (const value of values) {
    for (const showHidden of [false, true]) {
      const printed = inspect(value, { depth: 12, showHidden, maxStringLength: 20_000, maxArrayLength: 500 });
      // Not `expect(printed).not.toContain(…)`, which would print it.
      expect(printed.includes('tok_secret_')).toBe(false);
    }
    expect((JSON.stringify(value, withErrors) ?? '').includes('tok_secret_')).toBe(false);
  }
}

function withErrors(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return typeof value === 'bigint' ? String(value) : value;
  return { ...value, message: value.message, stack: value.stack, cause: value.cause };
}

/** A promise with its handles. */
export function deferred<T = void>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (thrown: unknown) => void;
} {
  let resolve = (_value: T): void => {};
  let reject = (_thrown: unknown): void => {};
  const promise = new Promise<T>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  return { promise, resolve, reject };
}
