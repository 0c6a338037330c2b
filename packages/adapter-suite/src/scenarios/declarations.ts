import { expect } from 'vitest';
import type { Scenario } from '../scenario.ts';

const bought = { name: 'bought' };
const event = { name: 'bought', by: '42' };

/** A callback that is not to be asked. */
const asked = (): never => {
  throw new Error('it was asked');
};

/** What declarations say. */
export const declarations: readonly Scenario[] = [
  {
    name: 'on which one declaration is applied twice emits one event',
    declared: [bought],
    appliedTwice: true,
    handle: () => 'done',
    expected: { events: [event], skipped: [] },
  },
  {
    name: 'on which two declarations name one event emits it twice',
    declared: [
      { ...bought, data: { n: 1 } },
      { ...bought, data: { n: 2 } },
    ],
    handle: () => 'done',
    expected: {
      events: [
        { ...event, data: { n: 1 } },
        { ...event, data: { n: 2 } },
      ],
    },
    check: (events) => expect(new Set(events.map(({ data }) => data?.n))).toEqual(new Set([1, 2])),
  },
  {
    name: 'that two clients track is told to both',
    declared: [bought],
    clients: 2,
    handle: () => 'done',
    expected: { events: [event, event], skipped: [] },
  },
  {
    name: 'has the data that its result says, also when that is asked for',
    declared: [
      { ...bought, data: async ({ result }) => ({ id: (result as { id: number }).id }) },
      { name: 'fixed', data: { kind: 'order' } },
      { name: 'bare', data: () => undefined },
    ],
    handle: async () => ({ id: 7 }),
    expected: {
      events: [
        { ...event, data: { id: 7 } },
        { name: 'fixed', by: '42', data: { kind: 'order' } },
        { name: 'bare', by: '42' },
      ],
    },
  },
  {
    name: 'emits only what `when` lets through',
    declared: [
      { name: 'no', when: () => false },
      { name: 'not_now', when: async () => false },
      { name: 'yes', when: async ({ result }) => result === 'done' },
    ],
    handle: () => 'done',
    expected: { events: [{ name: 'yes', by: '42' }], skipped: ['no: when', 'not_now: when'] },
  },
  {
    name: 'that failed does not ask `when`, `data` or `identify`',
    declared: [
      {
        ...bought,
        when: asked,
        data: asked,
        identify: asked,
      },
    ],
    handle: () => {
      throw new Error('broken');
    },
    status: 500,
    expected: { events: [], skipped: ['bought: failure'] },
  },
  {
    name: 'asks nothing more once `success` or `when` has said no',
    declared: [
      { name: 'refused', success: () => false, when: asked, data: asked, identify: asked },
      { name: 'narrowed', when: () => false, data: asked, identify: asked },
    ],
    handle: () => 'done',
    expected: { events: [], skipped: ['refused: failure', 'narrowed: when'] },
  },
  {
    name: 'whose code failed has not succeeded, though `success` says so',
    // Express alone is not told of errors: see trackErrors.
    needsErrors: true,
    declared: [{ ...bought, success: () => true }],
    handle: () => {
      throw new Error('broken');
    },
    status: 500,
    expected: { events: [], skipped: ['bought: failure'] },
  },
  {
    name: 'answered with 404 has succeeded if `success` says so',
    kind: 'http',
    declared: [{ ...bought, success: () => true }, { name: 'other' }],
    handle: ({ status }) => status(404),
    status: 404,
    expected: { events: [event], skipped: ['other: failure'] },
  },
  {
    name: 'redirected after a refused form has not succeeded if `success` says so',
    kind: 'http',
    declared: [{ ...bought, success: async () => false }],
    handle: ({ status }) => status(302),
    status: 302,
    expected: { events: [], skipped: ['bought: failure'] },
  },
  {
    name: 'has an event that says which one it is, if it is unique',
    declared: [{ ...bought, unique: true, data: { item: 'hat' } }],
    handle: () => 'done',
    expected: { events: [{ ...event, data: { item: 'hat', _event_id: expect.any(String) } }] },
  },
];
