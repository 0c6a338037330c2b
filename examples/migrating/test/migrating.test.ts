import { type Inspector, type ReceivedEvent, startInspector } from '@verotrack/inspector';
import type { Express } from 'express';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { listen } from '../../test-helpers/listen.ts';
import { type Message, standIn } from './stand-in.ts';

/** What an event says, whoever took it. */
interface Said {
  readonly name: string | undefined;
  readonly id: string | undefined;
  readonly email: unknown;
  readonly data: Readonly<Record<string, unknown>>;
  readonly at: number;
}

/** A shop, with whichever client. */
interface Shop {
  readonly app: Express;
  importOrders(): unknown;
  shutDown?(): Promise<void>;
}

let inspector: Inspector;
beforeEach(async () => {
  vi.resetModules(); // each test has the applications anew, with its own environment
  inspector = await startInspector();
  onTestFinished(() => inspector.close());
  vi.stubEnv('VERO_AUTH_TOKEN', 'tok_secret_of_the_shop');
  vi.stubEnv('VERO_BASE_URL', inspector.url);
});

const adding = (name: string): RequestInit => ({
  method: 'POST',
  headers: { authorization: '42', 'content-type': 'application/json' },
  body: JSON.stringify({ name, price: 40 }),
});

/** Buys, fails to buy, signs up, and tells of the past. @returns the statuses, and when it began and ended */
async function visit({ app, importOrders, shutDown }: Shop) {
  const from = Date.now();
  const url = await listen(app.set('env', 'test'));
  const requests = [
    ['/cart/items', adding('Blue shoes')],
    ['/cart/items', adding('sold out')],
    ['/cart/items', { method: 'POST' }],
    ['/signup', { ...adding(''), body: JSON.stringify({ email: 'joe@example.com' }) }],
  ] as const;
  const statuses: number[] = [];
  for (const [path, init] of requests) statuses.push((await fetch(url + path, init)).status);
  await importOrders();
  await shutDown?.();
  return { statuses, from, to: Date.now() };
}

/** As the inspector has them, whatever the order they came in. */
const saidToVero = (events: readonly ReceivedEvent[]): Said[] =>
  events
    .map(({ name, identity, data, extras }) => ({
      name,
      id: identity.id,
      email: identity.email,
      data: data ?? {},
      at: Date.parse(String(extras?.created_at)),
    }))
    .toSorted((a, b) => a.name.localeCompare(b.name));

/** All but the time, and of that whether it is the past, or now. */
const apartFrom = ({ from, to }: { from: number; to: number }, said: readonly Said[]) =>
  said.map(({ at, ...rest }) => ({
    ...rest,
    at: at >= from && at <= to ? 'now' : new Date(at).toISOString(),
  }));

const EXPECTED = [
  {
    name: 'add_to_cart',
    id: '42',
    email: 'jane@example.com',
    data: { item_name: 'Blue shoes', item_price: 40 },
    at: 'now',
  },
  {
    name: 'purchased',
    id: '42',
    email: 'jane@example.com',
    data: { order_id: '1001', total: 40 },
    at: '2026-01-31T12:00:00.000Z',
  },
  { name: 'signed_up', id: '43', email: 'joe@example.com', data: {}, at: 'now' },
];
const PLAN_OF_JOE = expect.arrayContaining([
  expect.objectContaining({ id: '43', attributes: expect.objectContaining({ plan: 'trial' }) }),
]);
const STATUSES = [201, 500, 401, 201];

test('Verotrack tells Vero this of the shop', async () => {
  const visited = await visit(await import('../src/after.ts'));
  expect(visited.statuses).toEqual(STATUSES);
  expect(apartFrom(visited, saidToVero(inspector.events()))).toEqual(EXPECTED);
  expect(inspector.users()).toEqual(PLAN_OF_JOE);
});

test('@getvero/tracking told Vero the same', async () => {
  const visited = await visit(await import('../src/getvero/before.ts'));
  expect(visited.statuses).toEqual(STATUSES);
  await inspector.waitForEvents(3);
  expect(apartFrom({ ...visited, to: Date.now() }, saidToVero(inspector.events()))).toEqual(EXPECTED);
  expect(inspector.users()).toEqual(PLAN_OF_JOE);
});

test('Segment was told the same', async () => {
  const segment = await standIn();
  vi.stubEnv('SEGMENT_WRITE_KEY', 'tok_secret_of_segment');
  vi.stubEnv('SEGMENT_HOST', segment.url);
  const visited = await visit(await import('../src/segment/before.ts'));
  expect(visited.statuses).toEqual(STATUSES);
  const traits = new Map<string | undefined, Message['traits']>();
  for (const message of segment.messages())
    if (message.type === 'identify') traits.set(message.userId, message.traits);
  const said = segment.messages().flatMap(({ type, event, userId, context, properties, timestamp }) =>
    type === 'track'
      ? {
          name: event,
          id: userId,
          email: context?.traits?.email ?? traits.get(userId)?.email,
          data: properties ?? {},
          at: Date.parse(timestamp ?? ''),
        }
      : [],
  );
  expect(apartFrom(visited, said.toSorted(byName))).toEqual(EXPECTED);
  expect(traits.get('43')).toEqual({ email: 'joe@example.com', plan: 'trial' });
  expect(segment.messages().find(({ event }) => event === 'purchased')?.messageId).toBe('order-1001');
});

test('PostHog was told the same', async () => {
  const posthog = await standIn();
  vi.stubEnv('POSTHOG_KEY', 'tok_secret_of_posthog');
  vi.stubEnv('POSTHOG_HOST', posthog.url);
  const visited = await visit(await import('../src/posthog/before.ts'));
  expect(visited.statuses).toEqual(STATUSES);
  const persons = new Map<string | undefined, Record<string, unknown>>();
  const said = posthog.messages().flatMap(({ event, distinct_id: id, properties, timestamp }) => {
    const { $set, ...rest } = properties ?? {};
    persons.set(id, { ...persons.get(id), ...($set as object) });
    const data = Object.fromEntries(Object.entries(rest).filter(([key]) => !key.startsWith('$')));
    return event === '$identify' ? [] : { name: event, id, data, at: Date.parse(timestamp ?? '') };
  });
  const withEmails = said.map((one) => ({ ...one, email: persons.get(one.id)?.email }));
  expect(apartFrom(visited, withEmails.toSorted(byName))).toEqual(EXPECTED);
  expect(persons.get('43')).toEqual({ email: 'joe@example.com', plan: 'trial' });
});

const byName = (a: { name: string | undefined }, b: { name: string | undefined }): number =>
  String(a.name).localeCompare(String(b.name));

describe('a request that fails after the old code has tracked', () => {
  test('was an event of the old client', async () => {
    const { app } = await import('../src/getvero/before.ts');
    const url = await listen(app.set('env', 'test'));
    expect((await fetch(`${url}/cart/items`, adding('unprintable'))).status).toBe(500);
    expect(await inspector.waitForEvent('add_to_cart')).toMatchObject({ data: { item_name: 'unprintable' } });
  });

  test('is none of Verotrack', async () => {
    const { app, vero } = await import('../src/after.ts');
    const url = await listen(app.set('env', 'test'));
    expect((await fetch(`${url}/cart/items`, adding('unprintable'))).status).toBe(500);
    await vero.close();
    expect(inspector.events()).toEqual([]);
    expect(vero.stats().skipped).toEqual({ failure: 1 });
  });
});

describe('side by side', () => {
  const event = {
    identity: { userId: '42', email: 'jane@example.com' },
    eventName: 'add_to_cart',
    data: { item_name: 'Blue shoes' },
  };

  async function trackWithBoth(stage: string) {
    vi.stubEnv('TRACKING', stage);
    const { counts, trackWithOld, vero } = await import('../src/getvero/both.ts');
    await trackWithOld(event);
    vero.track('add_to_cart', { identity: { id: '42', email: 'jane@example.com' }, data: event.data });
    await vero.close();
    return { counts, modes: inspector.events().map(({ developmentMode }) => developmentMode) };
  }

  test('at first the old client alone sends', async () => {
    expect(await trackWithBoth('old')).toEqual({
      counts: { old: { add_to_cart: 1 }, new: {} },
      modes: [false],
    });
  });

  test('then both do, and Vero keeps the new ones apart, so that nothing counts twice', async () => {
    expect(await trackWithBoth('both')).toEqual({
      counts: { old: { add_to_cart: 1 }, new: { add_to_cart: 1 } },
      modes: [false, true],
    });
  });

  test('in the end only Verotrack does', async () => {
    expect(await trackWithBoth('new')).toEqual({
      counts: { old: {}, new: { add_to_cart: 1 } },
      modes: [false],
    });
  });

  test('Segment is told to leave out Vero, and only Vero', async () => {
    const segment = await standIn();
    vi.stubEnv('SEGMENT_WRITE_KEY', 'tok_secret_of_segment');
    vi.stubEnv('SEGMENT_HOST', segment.url);
    const { analytics, trackForTheOthers } = await import('../src/segment/both.ts');
    trackForTheOthers('42');
    await analytics.closeAndFlush();
    expect(segment.messages()).toMatchObject([{ event: 'add_to_cart', integrations: { Vero: false } }]);
  });
});

describe('what is no event', () => {
  test('stays with the old client', async () => {
    const { becomeVip, changeId, unsubscribe } = await import('../src/getvero/users.ts');
    await changeId('visitor-1', '42');
    await becomeVip('42');
    await unsubscribe('42');
    expect(inspector.users()).toMatchObject([{ id: '42', tags: ['vip'], isSubscribed: false }]);
  });

  test('or is told to Vero without one, and the token is in no URL', async () => {
    const requests = await standIn();
    vi.stubEnv('VERO_BASE_URL', requests.url);
    const { tellVero } = await import('../src/vero-users.ts');
    await tellVero('PUT', 'users/reidentify', { id: 'visitor-1', new_id: '42' });
    expect(requests.requests[0]).toMatchObject({ method: 'PUT', url: '/api/v2/users/reidentify' });
    vi.stubEnv('VERO_BASE_URL', inspector.url);
    await tellVero('POST', 'users/track', { id: '42', email: 'jane@example.com', data: { plan: 'pro' } });
    await tellVero('PUT', 'users/tags/edit', { id: '42', add: ['vip'] });
    await tellVero('POST', 'users/unsubscribe', { id: '42' });
    expect(inspector.users()).toMatchObject([
      { id: '42', attributes: { plan: 'pro' }, tags: ['vip'], isSubscribed: false },
    ]);
    inspector.failNext({ status: 401 });
    await expect(tellVero('POST', 'users/delete', { id: '42' })).rejects.toThrow(
      'Vero answered 401 to users/delete',
    );
  });

  test('a visitor who signs up becomes the user, with what was tracked before', async () => {
    const { app, vero } = await import('../src/anonymous.ts');
    const url = await listen(app.set('env', 'test'));
    await fetch(`${url}/shoes`);
    await inspector.waitForEvent('viewed_item');
    await fetch(`${url}/signup`, { ...adding(''), body: JSON.stringify({ email: 'joe@example.com' }) });
    await inspector.waitForEvent('signed_up');
    await vero.close();
    expect(inspector.events().map(({ identity }) => identity.id)).toEqual(['visitor-7f3a', '43']);
    await expect
      .poll(() => inspector.users())
      .toMatchObject([{ id: '43', email: 'joe@example.com', events: 2 }]);
  });
});
