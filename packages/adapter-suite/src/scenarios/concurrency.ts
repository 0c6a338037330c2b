import { expect } from 'vitest';
import type { Scenario } from '../scenario.ts';

const own = {
  name: 'bought',
  data: ({ input }: { input: Readonly<Record<string, unknown>> }) => ({ n: input.n }),
};

const MANY = 200;
const everyone = Array.from({ length: MANY }, (_, n) => ({ as: `user-${n}`, input: { n } }));

/** Waits in each handler until all have been reached, so that they are all under way at once. */
function gathered(count: number): () => Promise<void> {
  let waiting: (() => void)[] = [];
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length < count) return;
      for (const go of waiting) go();
      waiting = [];
    });
}

const theSlow = gathered(2);
const theMany = gathered(MANY);

/** Requests that are under way together. */
export const concurrency: readonly Scenario[] = [
  {
    name: 'that is slow keeps its user while others come and go',
    declared: [own],
    handle: async ({ input }) => {
      if (input.n !== 2) await theSlow();
      return { n: input.n };
    },
    exercise: async (bench) => {
      const slow = bench.send({ as: '1', input: { n: 1 } });
      await bench.reached();
      expect((await bench.send({ as: '2', input: { n: 2 } })).result).toEqual({ n: 2 });
      const third = bench.send({ as: '3', input: { n: 3 } });
      expect(await Promise.all([slow, third])).toMatchObject([{ result: { n: 1 } }, { result: { n: 3 } }]);
    },
    expected: {
      events: [
        { name: 'bought', by: '1', data: { n: 1 } },
        { name: 'bought', by: '2', data: { n: 2 } },
        { name: 'bought', by: '3', data: { n: 3 } },
      ],
    },
  },
  {
    name: 'pipelined with another has its own user',
    declared: [own],
    handle: ({ vero, input }) => {
      vero.trackOnSuccess('seen', { data: { n: input.n } });
      return `answer ${input.n}`;
    },
    exercise: async (bench) => {
      const connection = await bench.connect();
      connection.write(
        { as: 'jane', input: { n: 1 } },
        { as: 'joe', input: { n: 2 } },
        { as: 'jim', input: { n: 3 } },
      );
      await connection.received('answer 3');
    },
    expected: {
      events: ['jane', 'joe', 'jim'].flatMap((by, index) => [
        { name: 'bought', by, data: { n: index + 1 } },
        { name: 'seen', by, data: { n: index + 1 } },
      ]),
    },
  },
  {
    name: 'among two hundred of two hundred users has its own user',
    declared: [own],
    handle: async ({ vero, input }) => {
      await theMany();
      vero.track('seen', { data: { n: input.n } });
      await new Promise(setImmediate);
      vero.trackOnSuccess('done', { data: { n: input.n } });
      return { n: input.n };
    },
    exercise: async (bench) => {
      const answers = await Promise.all(everyone.map((sending) => bench.send(sending)));
      expect(answers.map(({ result }) => result)).toEqual(everyone.map(({ input }) => input));
    },
    expected: {
      events: everyone.flatMap(({ as: by, input: { n } }) =>
        ['bought', 'seen', 'done'].map((name) => ({ name, by, data: { n } })),
      ),
      skipped: [],
    },
  },
];
