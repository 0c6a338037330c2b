import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { declaredEvents } from '../../src/adapter.ts';
import { kyTransport, type Transport, undiciTransport } from '../../src/index.ts';
import { threadTransport } from '../../src/thread.ts';
import { JANE, makeClient, TOKEN } from '../clients.ts';
import { fakeVero } from '../fake-vero.ts';

/** Where the credential is, of all that can be reached from a value: hidden properties, getters, prototypes, entries. */
function placesOf(root: unknown): string[] {
  const found: string[] = [];
  const seen = new Set<unknown>();
  const look = (value: unknown, path: string): void => {
    if (typeof value === 'string' && value.includes(TOKEN)) found.push(path);
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value))
      return;
    seen.add(value);
    if (value instanceof Map || value instanceof Set) for (const entry of value) look(entry, `${path}()`);
    for (const key of Reflect.ownKeys(value)) {
      let part: unknown;
      try {
        part = (value as Record<PropertyKey, unknown>)[key];
      } catch {
        // A getter of a prototype, for another object.
        continue;
      }
      look(part, `${path}.${String(key)}`);
    }
    look(Object.getPrototypeOf(value), `${path}.__proto__`);
  };
  look(root, '');
  return found;
}

it('can find what it looks for', () => {
  const hidden = Object.defineProperty(new Error('no', { cause: new Map([['x', [TOKEN]]]) }), 'y', {
    get: () => `for ${TOKEN}`,
  });
  expect(placesOf(hidden)).toHaveLength(2);
});

const HOOKED: Transport = kyTransport({
  ky: {
    hooks: {
      beforeRequest: [
        ({ request, options }) => {
          if (placesOf([request, options, inspect(request, { showHidden: true })]).length > 0)
            throw new Error('a hook sees the credential');
        },
      ],
    },
  },
});

it.each<[string, () => Transport]>([
  ['ky', () => kyTransport()],
  ['ky with hooks', () => HOOKED],
  ['undici', () => undiciTransport()],
  ['a thread', () => threadTransport()],
])(
  'the credential can not be reached from a client, nor from anything that it tells, over %s',
  async (_what, make) => {
    const echo = { status: 400, body: `{"auth_token":"${TOKEN}"}`, headers: { 'x-token': TOKEN } };
    const server = await fakeVero([{ ...echo, status: 500 }, { ...echo, status: 401 }, 'drop', echo, 200]);
    const { vero, told } = makeClient({ baseUrl: server.url, transport: make() });
    vero.track('a', { identity: JANE, data: { x: 1n } });
    vero.track('a', { identity: JANE });
    await vero.flush();
    const refused: unknown = await vero.send('b', { identity: JANE }).catch((error: unknown) => error);
    server.answer(echo);
    const rejected: unknown = await vero.send('c', { identity: JANE }).catch((error: unknown) => error);
    expect(told.retrying.length).toBeGreaterThan(0);
    const letters = await vero.deadLetters.list();
    const all = { vero, told, refused, rejected, letters, declared: declaredEvents(vero) };
    expect(placesOf(all)).toEqual([]);
    const errors = [rejected, ...told.retrying.map(({ error }) => error)];
    expect(errors.length).toBeGreaterThan(1);
    for (const error of errors) {
      const copies = [
        structuredClone(error),
        JSON.parse(JSON.stringify(error)),
        `${error}`,
        (error as Error).stack,
      ];
      expect(placesOf(copies)).toEqual([]);
    }
    const printed = inspect(all, { showHidden: true, showProxy: true, getters: true, depth: 20 });
    expect(printed.includes(TOKEN)).toBe(false);
  },
);
