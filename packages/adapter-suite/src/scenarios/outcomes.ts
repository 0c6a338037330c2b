import { expect } from 'vitest';
import type { Bench } from '../bench.ts';
import { Refusal, type Scenario, Streamed } from '../scenario.ts';

const bought = { name: 'bought' };
const one = { events: [{ name: 'bought', by: '42' }], skipped: [] };
const none = { events: [] };
const failed = { events: [], skipped: ['bought: failure'] };

async function* pieces(): AsyncGenerator<string> {
  yield 'one\n';
  yield 'two\n';
}

async function* brokenPieces(): AsyncGenerator<string> {
  yield 'one\n';
  throw new Error('the source is gone');
}

const sendsNothing =
  (input: object, status: number) =>
  async (bench: Bench): Promise<void> => {
    expect((await bench.send({ as: null, input: { ...input } })).status).toBe(status);
  };

/** How a request ended, by itself. */
export const outcomes: readonly Scenario[] = [
  {
    name: 'that succeeds emits its event once, with its user and data',
    declared: [{ name: 'bought', data: ({ input }) => ({ item: input.item }) }],
    handle: ({ input }) => ({ bought: input.item }),
    exercise: async (bench) => {
      const answer = await bench.send({ input: { item: 'Blue shoes' } });
      expect(answer).toMatchObject({ status: 200, result: { bought: 'Blue shoes' } });
    },
    expected: { events: [{ name: 'bought', by: '42', data: { item: 'Blue shoes' } }], skipped: [] },
  },
  {
    name: 'that succeeds without a declaration emits nothing',
    handle: () => 'done',
    expected: { events: [], skipped: [] },
  },
  {
    name: 'answered with 201 has succeeded',
    declared: [bought],
    handle: ({ status }) => status(201),
    status: 201,
    expected: one,
  },
  ...[202, 204, 302, 304].map(
    (code): Scenario => ({
      name: `answered with ${code} has succeeded`,
      kind: 'http',
      declared: [bought],
      handle: ({ status }) => status(code),
      status: code,
      expected: one,
    }),
  ),
  ...[400, 404, 422, 500, 503].map(
    (code): Scenario => ({
      name: `answered with ${code} has not, although its handler returned`,
      kind: 'http',
      declared: [bought],
      handle: ({ status }) => status(code),
      status: code,
      expected: failed,
    }),
  ),
  {
    name: 'whose handler throws emits nothing',
    declared: [bought],
    handle: () => {
      throw new Error('broken');
    },
    status: 500,
    expected: failed,
  },
  {
    name: 'whose handler rejects emits nothing',
    declared: [bought],
    handle: async () => {
      await new Promise(setImmediate);
      throw new Error('broken');
    },
    status: 500,
    expected: failed,
  },
  ...[400, 404, 409, 503].map(
    (code): Scenario => ({
      name: `that its handler refuses with ${code} emits nothing`,
      declared: [bought],
      handle: () => {
        throw new Refusal(code);
      },
      status: code,
      expected: failed,
    }),
  ),
  {
    name: 'that a guard refuses emits nothing',
    declared: [bought],
    guarded: true,
    handle: () => 'done',
    exercise: sendsNothing({}, 401),
    expected: none,
  },
  {
    name: 'that a guard lets pass emits its event',
    declared: [bought],
    guarded: true,
    handle: () => 'done',
    expected: one,
  },
  {
    name: 'whose input is refused emits nothing',
    declared: [bought],
    validated: true,
    handle: () => 'done',
    exercise: async (bench) => {
      expect((await bench.send({ input: { note: 7 } })).status).toBe(400);
    },
    expected: none,
  },
  {
    name: 'whose input is taken emits its event',
    declared: [bought],
    validated: true,
    handle: () => 'done',
    exercise: async (bench) => {
      expect((await bench.send({ input: { note: 'hello' } })).status).toBe(200);
    },
    expected: one,
  },
  {
    name: 'whose answer is a stream emits its event when the stream has ended',
    declared: [bought],
    streams: true,
    handle: () => new Streamed(pieces()),
    exercise: async (bench) => {
      const answer = await bench.send();
      expect(answer.status).toBe(200);
      expect(answer.body).toMatch(/one[\s\S]*two/);
    },
    expected: one,
  },
  {
    name: 'whose stream breaks emits nothing',
    declared: [bought],
    streams: true,
    handle: () => new Streamed(brokenPieces()),
    // How a client learns of it is the framework's: the connection ends, or the stream says so.
    exercise: async (bench) => void (await bench.send().catch(() => undefined)),
    expected: none,
  },
  {
    name: 'by HEAD emits nothing',
    kind: 'http',
    method: 'HEAD',
    declared: [bought],
    handle: () => 'done',
    expected: { events: [], skipped: [] },
  },
  {
    name: 'by OPTIONS emits nothing',
    kind: 'http',
    method: 'OPTIONS',
    declared: [bought],
    handle: () => 'done',
    expected: { events: [], skipped: [] },
  },
  {
    name: 'by HEAD emits its event when the declaration asks for that',
    kind: 'http',
    method: 'HEAD',
    declared: [
      { name: 'bought', methods: ['head'] },
      { name: 'posted', methods: ['POST'] },
    ],
    handle: () => 'done',
    expected: one,
  },
];
