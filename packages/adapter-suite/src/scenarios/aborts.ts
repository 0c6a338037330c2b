import type { Bench } from '../bench.ts';
import { type Scenario, Streamed } from '../scenario.ts';

const bought = { name: 'bought' };
const event = { name: 'bought', by: '42' };
const aborted = { events: [], skipped: ['bought: aborted'] };
/** Where only the call's own result is known. */
const succeeded = { events: [event], skipped: [] };

/** More than the sockets between client and server hold. */
const LARGE = 'x'.repeat(24 * 1024 * 1024);

async function leaveAtOnce(bench: Bench): Promise<void> {
  const connection = await bench.connect();
  connection.write({});
  await bench.reached();
  connection.leave();
}

/** Clients that left. */
export const aborts: readonly Scenario[] = [
  {
    name: 'whose client leaves before it is answered emits nothing',
    declared: [bought],
    handle: async ({ left }) => {
      await left;
      return 'too late';
    },
    exercise: leaveAtOnce,
    expected: aborted,
    expectedBlind: succeeded,
  },
  {
    name: 'whose client leaves in the middle of the answer emits nothing',
    declared: [bought],
    streams: true,
    handle: ({ left }) =>
      new Streamed(
        (async function* () {
          yield 'the first piece';
          await left;
          yield 'the last piece';
        })(),
      ),
    exercise: async (bench) => {
      const connection = await bench.connect();
      connection.write({});
      await connection.received('the first piece');
      connection.leave();
    },
    expected: aborted,
  },
  {
    name: 'whose client leaves during one large answer emits nothing',
    declared: [bought],
    handle: () => LARGE,
    exercise: async (bench) => {
      const connection = await bench.connect();
      connection.write({});
      await connection.received('HTTP/1.1 200');
      connection.pause();
      connection.leave();
    },
    expected: aborted,
    expectedBlind: succeeded,
  },
  {
    name: 'that waits behind another when their connection dies emits nothing, and nor does the other',
    declared: [{ name: 'bought', data: ({ input }) => ({ n: input.n }) }],
    handle: async ({ input, left }) => {
      if (input.n === 1) await left;
      return 'done';
    },
    exercise: async (bench) => {
      const connection = await bench.connect();
      connection.write({ input: { n: 1 } }, { input: { n: 2 } });
      await bench.reached(2);
      connection.leave();
    },
    expected: { events: [], skipped: ['bought: aborted', 'bought: aborted'] },
    expectedBlind: {
      events: [
        { name: 'bought', by: '42', data: { n: 1 } },
        { name: 'bought', by: '42', data: { n: 2 } },
      ],
    },
  },
  {
    name: 'that is handled though its client has left emits what is declared on that',
    declared: [{ name: 'bought', on: 'handled' }, { name: 'answered' }],
    handle: async ({ left }) => {
      await left;
      return 'done';
    },
    exercise: leaveAtOnce,
    expected: { events: [event], skipped: ['answered: aborted'] },
    expectedBlind: { events: [event, { name: 'answered', by: '42' }] },
  },
  {
    name: 'that fails after its client has left emits nothing at all',
    declared: [{ name: 'bought', on: 'handled' }, { name: 'answered' }],
    handle: async ({ left }) => {
      await left;
      throw new Error('broken');
    },
    exercise: leaveAtOnce,
    expected: { events: [] },
  },
];
