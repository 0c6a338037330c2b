import { defineEvents, defineIdentity, event } from '@verotrack/core';
import { expect } from 'vitest';
import { z } from 'zod';
import type { Scenario } from '../scenario.ts';

const order = { id: 7, items: ['hat'] };

const events = defineEvents({
  bought: z.object({ total: z.coerce.number(), item: z.string().optional() }),
  other: event(),
});

const answersAsEver: Scenario['exercise'] = async (bench) => {
  expect(await bench.send()).toMatchObject({ status: 200, result: order });
};

/** A client that knows its events: what does not fit is not sent, and the answer is the same as ever. */
export const catalogue: readonly Scenario[] = [
  {
    name: 'whose data fits has it sent as its schema made it',
    catalogue: { events },
    declared: [{ name: 'bought', data: async () => ({ total: '12', card: '4111' }) }, { name: 'other' }],
    handle: () => order,
    expected: {
      events: [
        { name: 'bought', by: '42', data: { total: 12 } },
        { name: 'other', by: '42' },
      ],
    },
    check: (received) => {
      for (const { data } of received) expect(data ?? {}).not.toHaveProperty('card');
    },
  },
  {
    name: 'whose data does not fit is answered as ever, without that event',
    catalogue: { events },
    declared: [{ name: 'bought', data: () => ({ total: 'much' }) }, { name: 'other' }],
    handle: () => order,
    exercise: answersAsEver,
    expected: { events: [{ name: 'other', by: '42' }], invalid: ['bought'] },
  },
  {
    name: 'whose data is missing is answered as ever, without that event',
    catalogue: { events },
    declared: [{ name: 'bought' }, { name: 'other' }],
    handle: () => order,
    exercise: answersAsEver,
    expected: { events: [{ name: 'other', by: '42' }], invalid: ['bought'] },
  },
  {
    name: 'that tracks an event which is not in the catalogue is answered as ever',
    catalogue: { events },
    handle: ({ vero }) => {
      vero.trackOnSuccess('bougt', { data: { total: 1 } });
      vero.track('other');
      return order;
    },
    exercise: answersAsEver,
    expected: { events: [{ name: 'other', by: '42' }], invalid: ['bougt'] },
  },
  {
    name: 'whose data does not fit has it sent as it is, and told, where the client is to send it',
    catalogue: { events, onInvalid: 'send' },
    declared: [{ name: 'bought', data: () => ({ total: 'much' }) }],
    handle: () => order,
    exercise: answersAsEver,
    expected: {
      events: [{ name: 'bought', by: '42', data: { total: 'much' } }],
      failed: ['VERO_NOT_IN_CATALOGUE'],
    },
  },
  {
    name: 'of a user who does not fit is answered as ever, without an event',
    catalogue: { identity: defineIdentity(z.object({ id: z.string(), email: z.literal('nobody') })) },
    declared: [{ name: 'bought' }],
    handle: () => order,
    exercise: answersAsEver,
    expected: { events: [], invalid: ['bought'] },
  },
];
