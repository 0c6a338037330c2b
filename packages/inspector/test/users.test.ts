import { describe, expect, it } from 'vitest';
import type { Person } from '../src/page-contract.ts';
import { post, SIGN_UP, start, TOKEN } from './client.ts';
import { ask, call, lastEntry } from './page-client.ts';

const track = (id: string, change: object = {}) => ({ ...SIGN_UP, identity: { id }, ...change });

describe('a call about a user', () => {
  it.each([
    ['POST', 'users/track', { id: '1', email: 'jane@example.com', channels: [], data: { age: 25 } }],
    ['PUT', 'users/edit', { id: '1', changes: { age: 26 } }],
    ['PUT', 'users/reidentify', { id: '1', new_id: '2' }],
    ['PUT', 'users/tags/edit', { id: '1', add: ['vip'], remove: [] }],
    ['PUT', 'users/tags/edit', { id: '1', remove: ['vip'] }],
    ['POST', 'users/unsubscribe', { id: '1' }],
    ['POST', 'users/unsubscribe', { email: 'jane@example.com' }],
    ['POST', 'users/resubscribe', { id: '1' }],
    ['POST', 'users/delete', { id: '1' }],
  ])('is answered as Vero answers: %s %s', async (method, path, body) => {
    const inspector = await start();
    for (const ending of ['', '.json']) {
      const response = await call(inspector, method, path + ending, body);
      expect([response.status, await response.text()]).toEqual([200, '{"status":200,"message":"Success."}']);
    }
    expect(inspector.events()).toEqual([]);
    expect(await lastEntry(inspector)).toMatchObject({ kind: 'user', name: path, status: 200, attempt: 2 });
  });

  it.each([
    ['POST', 'users/track', {}, 'id must be'],
    ['POST', 'users/track', { id: 7 }, 'id must be'],
    ['POST', 'users/track', { id: '1', email: 'nobody' }, 'email must be'],
    ['POST', 'users/track', { id: '1', data: [] }, 'data must be'],
    ['POST', 'users/track', { id: '1', channels: {} }, 'channels must be'],
    ['PUT', 'users/edit', { id: '1' }, 'changes must be'],
    ['PUT', 'users/reidentify', { id: '1' }, 'new_id must be'],
    ['PUT', 'users/tags/edit', { id: '1' }, 'add or remove must be'],
    ['PUT', 'users/tags/edit', { id: '1', add: 'vip' }, 'add must be'],
    ['PUT', 'users/tags/edit', { id: '1', add: [''] }, 'add must be'],
    ['POST', 'users/unsubscribe', {}, 'id or email must be'],
    ['POST', 'users/resubscribe', { email: '@' }, 'email must be'],
    ['POST', 'users/delete', { email: 'jane@example.com' }, 'id must be'],
    ['POST', 'users/track', { id: '1', development_mode: 1 }, 'development_mode must be'],
  ])('is refused: %s %s %j', async (method, path, body, issue) => {
    const inspector = await start();
    const response = await call(inspector, method, path, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ status: 400, message: expect.stringContaining(issue) });
    expect(inspector.users()).toEqual([]);
    expect(await lastEntry(inspector)).toMatchObject({
      kind: 'refused',
      issues: [expect.stringContaining(issue)],
    });
  });

  it('needs the credential and the method', async () => {
    const inspector = await start({ authToken: TOKEN });
    const statuses = [
      await call(inspector, 'POST', 'users/track', { id: '1' }),
      await call(inspector, 'POST', 'users/track', { id: '1', auth_token: '' }),
      await call(inspector, 'POST', 'users/edit', { id: '1' }),
      await call(inspector, 'PUT', 'users/none', { id: '1' }),
    ].map(({ status }) => status);
    expect(statuses).toEqual([401, 400, 405, 404]);
  });

  it('may meet a fault too', async () => {
    const inspector = await start();
    inspector.failNext({ status: 429, headers: { 'retry-after': 3 } });
    expect((await call(inspector, 'POST', 'users/track', { id: '1' })).status).toBe(429);
    expect(inspector.users()).toEqual([]);
    expect(await lastEntry(inspector)).toMatchObject({ kind: 'fault', fault: '429 with Retry-After: 3' });
  });
});

describe('a person', () => {
  it('keeps what each identity said until it is said anew', async () => {
    const inspector = await start();
    await post(inspector, track('1', { identity: { id: '1', email: 'jane@example.com', age: 25 } }));
    await post(
      inspector,
      track('1', { identity: { id: '1', plan: 'pro', age: 26 }, data: { item: 'Shoes' } }),
    );
    await call(inspector, 'POST', 'users/track', { id: '1', data: { city: 'Bonn' } });
    await call(inspector, 'PUT', 'users/edit', { id: '1', changes: { plan: null } });
    const attributes = { id: '1', email: 'jane@example.com', age: 26, plan: null, city: 'Bonn' };
    expect(inspector.users()).toEqual([
      {
        id: '1',
        email: 'jane@example.com',
        attributes,
        tags: [],
        isSubscribed: true,
        formerIds: [],
        developmentMode: false,
        events: 2,
        lastSeenAt: expect.any(Date),
      },
    ]);
    const person = await ask<Person>(inspector, 'person?id=1&developmentMode=false');
    expect(person.attributes).toEqual(attributes);
    const [edit, identify, second, first] = person.timeline;
    expect(person.attributeSources).toEqual({
      email: { at: first?.at, seq: first?.seq },
      age: { at: second?.at, seq: second?.seq },
      city: { at: identify?.at, seq: identify?.seq },
      id: { at: identify?.at, seq: identify?.seq },
      plan: { at: edit?.at, seq: edit?.seq },
    });
  });

  it('has tags and a subscription', async () => {
    const inspector = await start();
    await call(inspector, 'PUT', 'users/tags/edit', { id: '1', add: ['a', 'b'] });
    await call(inspector, 'PUT', 'users/tags/edit', { id: '1', add: ['c'], remove: ['a', 'none'] });
    await call(inspector, 'POST', 'users/unsubscribe', { id: '1' });
    expect(inspector.users()).toMatchObject([{ id: '1', tags: ['b', 'c'], isSubscribed: false }]);
    await call(inspector, 'POST', 'users/resubscribe', { id: '1' });
    expect(inspector.users()).toMatchObject([{ isSubscribed: true }]);
  });

  it('unsubscribes by address, wherever it is known', async () => {
    const inspector = await start();
    for (const id of ['1', '2', '3']) {
      await call(inspector, 'POST', 'users/track', {
        id,
        email: id === '3' ? 'other@example.com' : 'a@example.com',
      });
    }
    await call(inspector, 'POST', 'users/unsubscribe', { email: 'a@example.com' });
    expect(inspector.users().filter((each) => !each.isSubscribed)).toMatchObject([{ id: '1' }, { id: '2' }]);
    const { timeline } = await ask<Person>(inspector, 'person?id=1&developmentMode=false');
    expect(timeline.map(({ name }) => name)).toEqual(['users/unsubscribe', 'users/track']);
  });

  it('goes on under a new id, and is found by the old one', async () => {
    const inspector = await start();
    await post(inspector, track('anonymous', { identity: { id: 'anonymous', age: 25 } }));
    await call(inspector, 'PUT', 'users/reidentify', { id: 'anonymous', new_id: '1' });
    await post(inspector, track('1', { event_name: 'later' }));
    await post(inspector, track('anonymous', { event_name: 'late' }));
    expect(inspector.users()).toMatchObject([
      { events: 3, formerIds: ['anonymous'], attributes: { age: 25 } },
    ]);
    const person = await ask<Person>(inspector, 'person?id=anonymous&developmentMode=false');
    expect(person.id).toBe('1');
    expect(person.timeline.map(({ name }) => name)).toEqual([
      'late',
      'later',
      'users/reidentify',
      'user_signed_up',
    ]);
  });

  it('keeps apart from whoever has the former id for their own by now', async () => {
    const inspector = await start();
    await post(inspector, track('a'));
    await call(inspector, 'PUT', 'users/reidentify', { id: 'a', new_id: 'b' });
    await post(inspector, track('c'));
    await call(inspector, 'PUT', 'users/reidentify', { id: 'c', new_id: 'a' });
    await post(inspector, track('b', { event_name: 'of_b' }));
    await post(inspector, track('a', { event_name: 'of_a', identity: { id: 'a', color: 'red' } }));
    const users = Object.fromEntries(inspector.users().map((user) => [user.id, user]));
    expect(users).toMatchObject({
      a: { attributes: { id: 'a', color: 'red' }, events: 2 },
      b: { attributes: { id: 'b' }, events: 2, formerIds: [] },
    });
    const person = await ask<Person>(inspector, 'person?id=a&developmentMode=false');
    expect(person.timeline.map(({ name }) => name)).not.toContain('of_b');
  });

  it('becomes one with a person of the new id, whose attributes go first', async () => {
    const inspector = await start();
    await post(inspector, track('a', { identity: { id: 'a', plan: 'free', age: 25 } }));
    await post(inspector, track('b', { identity: { id: 'b', plan: 'pro' } }));
    await call(inspector, 'PUT', 'users/tags/edit', { id: 'a', add: ['old'] });
    await call(inspector, 'PUT', 'users/reidentify', { id: 'a', new_id: 'b' });
    expect(inspector.users()).toMatchObject([
      { id: 'b', attributes: { id: 'b', plan: 'pro', age: 25 }, tags: ['old'], formerIds: ['a'], events: 2 },
    ]);
    await call(inspector, 'PUT', 'users/reidentify', { id: 'b', new_id: 'b' });
    await call(inspector, 'PUT', 'users/reidentify', { id: 'unknown', new_id: 'c' });
    expect(inspector.users().map(({ id, formerIds }) => [id, formerIds])).toEqual([
      ['c', ['unknown']],
      ['b', ['a']],
    ]);
  });

  it('is gone when deleted, whatever the id, and may come again', async () => {
    const inspector = await start();
    await post(inspector, track('1', { identity: { id: '1', age: 25 } }));
    await call(inspector, 'PUT', 'users/reidentify', { id: '1', new_id: '2' });
    await call(inspector, 'POST', 'users/delete', { id: '1' });
    await call(inspector, 'POST', 'users/delete', { id: 'never' });
    expect(inspector.users()).toEqual([]);
    expect(inspector.events()).toHaveLength(1);
    await post(inspector, track('1', { event_name: 'again' }));
    expect(inspector.users()).toMatchObject([{ id: '1', attributes: { id: '1' }, events: 1 }]);
  });

  it('of development mode is another one', async () => {
    const inspector = await start();
    await post(inspector, track('1', { identity: { id: '1', plan: 'pro' } }));
    await post(inspector, track('1', { identity: { id: '1', plan: 'test' }, development_mode: true }));
    await call(inspector, 'POST', 'users/unsubscribe', { id: '1', development_mode: true });
    expect(inspector.users()).toMatchObject([
      { developmentMode: true, isSubscribed: false, attributes: { plan: 'test' } },
      { developmentMode: false, isSubscribed: true, attributes: { plan: 'pro' } },
    ]);
    const { timeline } = await ask<Person>(inspector, 'person?id=1&developmentMode=false');
    expect(timeline).toHaveLength(1);
  });

  it('is changed by no request that was refused, lost or a duplicate', async () => {
    const inspector = await start({ dedupe: { windowMs: 60_000 } });
    await post(inspector, track('1'));
    await post(inspector, track('1', { identity: { id: '1', age: 1 } }));
    await post(inspector, track('1', { identity: { id: '1', age: 2 }, data: [] }));
    inspector.failNext({ status: 500 });
    await post(inspector, track('1', { identity: { id: '1', age: 3 }, event_name: 'lost' }));
    expect(inspector.users()).toMatchObject([{ events: 1, attributes: { id: '1' } }]);
    expect(inspector.users()[0]?.attributes).toEqual({ id: '1' });
  });

  it('leaves when there are too many, the one seen longest ago first', async () => {
    const inspector = await start({ maxEvents: 2 });
    for (const id of ['1', '2', '1', '3']) await post(inspector, track(id, { event_name: `event ${id}` }));
    expect(inspector.users().map(({ id }) => id)).toEqual(['3', '1']);
    inspector.clear();
    expect(inspector.users()).toEqual([]);
  });

  it('has an attribute named like anything', async () => {
    const inspector = await start();
    const identity = JSON.parse('{"id":"1","__proto__":{"admin":true},"constructor":"x"}');
    await post(inspector, track('1', { identity }));
    const attributes = inspector.users()[0]?.attributes;
    expect(JSON.stringify(attributes)).toBe(JSON.stringify(identity));
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('is a copy that nobody can change', async () => {
    const inspector = await start();
    await post(inspector);
    const [user] = inspector.users();
    for (const part of [user, user?.attributes, user?.tags, user?.formerIds])
      expect(Object.isFrozen(part)).toBe(true);
    user?.lastSeenAt.setTime(0);
    expect(inspector.users()[0]?.lastSeenAt.getTime()).toBeGreaterThan(0);
  });
});
