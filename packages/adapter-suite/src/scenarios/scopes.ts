import { Refusal, type Scenario, type Work } from '../scenario.ts';

const by = '42';

/** A service that knows nothing of requests. */
async function deepInside(work: Work): Promise<void> {
  await new Promise(setImmediate);
  work.vero.track('seen', { data: { who: work.vero.identity()?.id } });
  await Promise.resolve();
  work.vero.trackOnSuccess('done', { data: { n: 1 } });
}

const seen = { name: 'seen', by, data: { who: by } };
const done = { name: 'done', by, data: { n: 1 } };
const bought = { name: 'bought', by };

const leaves: Scenario['exercise'] = async (bench) => {
  const connection = await bench.connect();
  connection.write({});
  await bench.reached();
  connection.leave();
};

/** `track`, `trackOnSuccess` and `cancelTracking`, called deep inside a service. */
export const scopes: readonly Scenario[] = [
  {
    name: 'that succeeds sends what a service tracked, and what it tracked on success',
    declared: [{ name: 'bought' }],
    handle: deepInside,
    expected: { events: [seen, done, bought], skipped: [] },
  },
  {
    name: 'without a declaration has a scope, too',
    handle: deepInside,
    expected: { events: [seen, done], skipped: [] },
  },
  {
    name: 'that fails sends what a service tracked, but not what it tracked on success',
    declared: [{ name: 'bought' }],
    handle: async (work) => {
      await deepInside(work);
      throw new Refusal(409);
    },
    status: 409,
    expected: { events: [seen], skipped: ['bought: failure', 'done: failure'] },
  },
  {
    name: 'whose client leaves sends what a service tracked, but not what it tracked on success',
    declared: [{ name: 'bought' }],
    handle: async (work) => {
      await deepInside(work);
      await work.left;
    },
    exercise: leaves,
    expected: { events: [seen], skipped: ['bought: aborted', 'done: aborted'] },
    expectedBlind: { events: [seen, done, bought] },
  },
  {
    name: 'that a service cancels sends only what was tracked at once',
    declared: [{ name: 'bought' }, { name: 'handled', on: 'handled' }],
    handle: async (work) => {
      await deepInside(work);
      work.vero.cancelTracking('the card was declined');
    },
    expected: { events: [seen], skipped: ['bought: cancelled', 'done: cancelled', 'handled: cancelled'] },
  },
  {
    name: 'that a service cancels, and that fails, has failed',
    declared: [{ name: 'bought' }],
    handle: async (work) => {
      work.vero.cancelTracking();
      await deepInside(work);
      throw new Error('broken');
    },
    status: 500,
    expected: { events: [seen] },
  },
  {
    name: 'that a service cancels after its client has left has not succeeded either',
    declared: [{ name: 'bought', on: 'handled' }],
    handle: async (work) => {
      await deepInside(work);
      await work.left;
      work.vero.cancelTracking('too late');
    },
    exercise: leaves,
    expected: { events: [seen] },
  },
  {
    name: 'whose work is split into jobs sends each with the outcome of its own',
    handle: async ({ vero }) => {
      await vero.run({}, async () => vero.trackOnSuccess('first'));
      await vero
        .run({ identity: { id: 'other', email: 'other@example.com' } }, async () => {
          vero.trackOnSuccess('second');
          vero.track('failing');
          throw new Error('broken');
        })
        .catch(() => undefined);
      vero.trackOnSuccess('whole');
    },
    expected: {
      events: [
        { name: 'first', by },
        { name: 'failing', by: 'other' },
        { name: 'whole', by },
      ],
      skipped: ['second: failure'],
    },
  },
];
