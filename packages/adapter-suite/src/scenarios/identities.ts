import { expect } from 'vitest';
import type { Bench } from '../bench.ts';
import { Refusal, type Scenario, type User, userOf } from '../scenario.ts';

const asNobody = async (bench: Bench): Promise<void> => {
  expect((await bench.send({ as: null })).status).toBe(200);
};

const whoSignedUp = {
  name: 'signed_up',
  identify: ({ result }: { result: unknown }) => identityOf(result as User),
};

function identityOf({ id, email }: User): { id: string; email: string } {
  return { id, email };
}

/** An identity that its owner goes on using. */
const shared = { identity: { id: '42', email: '42@example.com' } };

const publicly = ({ id, email }: User): object => ({ id, email });

/** Who an event belongs to. */
export const identities: readonly Scenario[] = [
  {
    name: 'of nobody emits nothing, and says why',
    declared: [{ name: 'bought' }],
    handle: ({ vero }) => {
      vero.track('seen');
      vero.trackOnSuccess('done');
    },
    exercise: asNobody,
    expected: { events: [], skipped: ['bought: no-identity', 'done: no-identity', 'seen: no-identity'] },
  },
  {
    name: 'that signs somebody up has its user from the result',
    declared: [whoSignedUp],
    handle: () => publicly(userOf('new')),
    exercise: asNobody,
    expected: { events: [{ name: 'signed_up', by: 'new' }] },
  },
  {
    name: 'whose sign-up is refused emits nothing',
    declared: [whoSignedUp],
    handle: () => {
      throw new Refusal(409);
    },
    exercise: async (bench) => {
      expect((await bench.send({ as: null })).status).toBe(409);
    },
    expected: { events: [], skipped: ['signed_up: failure'] },
  },
  {
    name: 'that logs in as somebody else belongs to who the declaration says',
    declared: [{ ...whoSignedUp, name: 'logged_in' }, { name: 'visited' }],
    handle: ({ logIn }) => {
      const other = userOf('other');
      logIn(other);
      return publicly(other);
    },
    exercise: async (bench) => void (await bench.send({ as: 'first' })),
    expected: {
      events: [
        { name: 'logged_in', by: 'other' },
        { name: 'visited', by: 'first' },
      ],
    },
  },
  {
    name: 'that logs its user out still belongs to that user',
    declared: [{ name: 'logged_out' }],
    handle: ({ vero, logIn }) => {
      logIn(undefined);
      vero.trackOnSuccess('left');
    },
    expected: {
      events: [
        { name: 'logged_out', by: '42' },
        { name: 'left', by: '42' },
      ],
    },
  },
  {
    name: 'that anonymises its user still belongs to who that was',
    declared: [{ name: 'deleted_account' }],
    handle: ({ user, logIn }) => {
      if (user) Object.assign(user, { id: 'anonymous', email: 'nobody' });
      logIn(undefined);
    },
    expected: { events: [{ name: 'deleted_account', by: '42' }] },
  },
  {
    name: 'whose identity is an object that changes later belongs to who it was',
    options: { identify: () => shared.identity },
    declared: [{ name: 'bought' }],
    handle: ({ vero }) => {
      vero.trackOnSuccess('done');
      Object.assign(shared.identity, { id: 'changed', email: 'changed@example.com' });
    },
    exercise: async (bench) => {
      shared.identity = { id: '42', email: '42@example.com' };
      expect((await bench.send()).status).toBe(200);
    },
    expected: {
      events: [
        { name: 'bought', by: '42' },
        { name: 'done', by: '42' },
      ],
    },
  },
  {
    name: 'whose identity has no id yet, when it begins, belongs to who it is at the end',
    options: { identify: (user) => ({ id: user?.id as string, email: user?.email }) },
    declared: [{ name: 'bought' }],
    handle: ({ logIn }) => logIn(userOf('late')),
    exercise: asNobody,
    expected: { events: [{ name: 'bought', by: 'late' }] },
  },
  {
    name: 'whose user is known only at the end belongs to that user',
    declared: [{ name: 'bought' }],
    handle: ({ vero, logIn }) => {
      vero.trackOnSuccess('done');
      logIn(userOf('late'));
    },
    exercise: asNobody,
    expected: {
      events: [
        { name: 'bought', by: 'late' },
        { name: 'done', by: 'late' },
      ],
    },
  },
  {
    name: 'whose declaration knows nobody emits nothing, whoever is logged in',
    declared: [{ name: 'bought', identify: () => null }],
    handle: () => 'done',
    expected: { events: [], skipped: ['bought: no-identity'] },
  },
  {
    name: 'has the attributes that were loaded for its user',
    options: { attributes: { load: async () => ({ plan: 'pro', id: 'ignored', passwordHash: 'no' }) } },
    declared: [{ name: 'bought' }],
    handle: ({ vero }) => vero.trackOnSuccess('done'),
    expected: {
      events: [
        { name: 'bought', by: '42' },
        { name: 'done', by: '42' },
      ],
      failed: ['VERO_ATTRIBUTE_OMITTED'],
    },
    check: (events) => {
      for (const { identity } of events)
        expect(identity).toEqual({ ...identityOf(userOf('42')), plan: 'pro' });
    },
  },
  {
    name: 'whose attributes can not be loaded emits its event without them',
    options: {
      attributes: {
        load: async () => {
          throw new Error('the database is down');
        },
      },
    },
    declared: [{ name: 'bought' }],
    handle: () => 'done',
    expected: { events: [{ name: 'bought', by: '42' }], failed: ['attributes.load'] },
  },
  {
    name: 'that fails does not load attributes',
    options: {
      attributes: {
        load: () => {
          throw new Error('it was asked');
        },
      },
    },
    declared: [{ name: 'bought' }],
    handle: () => {
      throw new Refusal(409);
    },
    status: 409,
    expected: { events: [], skipped: ['bought: failure'] },
  },
];
