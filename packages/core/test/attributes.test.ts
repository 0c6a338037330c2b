import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { AttributeLoader, type AttributesOptions } from '../src/adapter.ts';
import { clientSettings } from '../src/client-options.ts';
import { EventFactory } from '../src/event-factory.ts';
import { isVeroError, type VeroOptions } from '../src/index.ts';
import { Reporter } from '../src/reporter.ts';
import { deferred } from './clients.ts';
import { passTime } from './clock.ts';

type Load = AttributesOptions<string>['load'];

function loading(load: Load, options: object = {}, veroOptions: VeroOptions = {}) {
  const settings = clientSettings({ authToken: 'tok_secret_attributes', ...veroOptions }, {});
  const events = new EventFactory(settings, new Reporter(() => {}));
  const asked: string[] = [];
  const asking: Load = (identity, context) => {
    asked.push(identity.id);
    return load(identity, context);
  };
  const loader = new AttributeLoader('here', { load: asking, ...options }, events);
  return {
    /** The ids for which `load` was asked. */
    asked,
    /** An identity with what was loaded for it. */
    add: (identity: object, context = 'context') => loader.addTo(events.check(identity), context),
    addTo: async (identity: object) => (await loader.addTo(events.check(identity), 'context')).identity,
  };
}

describe('attributes.load', () => {
  it('adds what it gives to the identity, at once or later', async () => {
    const later = loading(async () => ({ plan: 'pro', company: { name: 'Shoes' } }));
    expect(await later.addTo({ id: '1', email: 'a@b.c' })).toEqual({
      id: '1',
      email: 'a@b.c',
      plan: 'pro',
      company: { name: 'Shoes' },
    });
    expect(await loading(() => ({ plan: 'pro' })).addTo({ id: 7 })).toEqual({ id: '7', plan: 'pro' });
  });

  it('is given the identity and the context of the callbacks', async () => {
    const given: unknown[] = [];
    const { add } = loading(async (...all) => {
      given.push(...all);
      return {};
    });
    await add({ id: 7, plan: 'pro' }, 'the request');
    expect(given).toEqual([{ id: '7', plan: 'pro' }, 'the request']);
  });

  it('never wins over what the identity says, its id least of all', async () => {
    const { addTo } = loading(async () => ({ id: '2', email: 'new@b.c', plan: 'basic', age: 25 }));
    expect(await addTo({ id: '1', email: 'a@b.c', plan: 'pro' })).toEqual({
      id: '1',
      email: 'a@b.c',
      plan: 'pro',
      age: 25,
    });
    expect(await addTo({ id: '1' })).toEqual({ id: '1', email: 'new@b.c', plan: 'basic', age: 25 });
  });

  it('gets a copy of the identity, and what it gives is copied', async () => {
    const row = { plan: 'pro', tags: ['a'] };
    const { addTo, asked } = loading(async (identity) => {
      Object.assign(identity, { id: '2', injected: true });
      return row;
    });
    const expected = { id: '1', nested: { a: 1 }, plan: 'pro', tags: ['a'] };
    expect(await addTo({ id: '1', nested: { a: 1 } })).toEqual(expected);
    row.plan = 'basic';
    row.tags.push('b');
    expect(await addTo({ id: '1', nested: { a: 1 } })).toEqual(expected);
    expect(asked).toEqual(['1']);
  });

  it('has secrets left out of what it gives, and told, unless they are allowed', async () => {
    const row = async () => ({
      plan: 'pro',
      passwordHash: 'x',
      nested: { apiKey: 'x' },
      loyalty_card: 'gold',
    });
    const { identity, omitted } = await loading(row, {}, { allowAttributes: ['loyalty_card'] }).add({
      id: '1',
      token: 'x',
    });
    expect(identity).toEqual({ id: '1', plan: 'pro', nested: {}, loyalty_card: 'gold' });
    expect(omitted.map((omission) => omission.split(':')[0])).toEqual([
      'identity.token',
      'identity.passwordHash',
      'identity.nested.apiKey',
    ]);
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['nothing in it', {}],
  ])('may give %s', async (_what, row) => {
    expect(await loading(async () => row as object).addTo({ id: '1', plan: 'pro' })).toEqual({
      id: '1',
      plan: 'pro',
    });
  });

  it('fails when it gives what can not be sent', async () => {
    const { add } = loading(async () => ({ visits: 1n }));
    await expect(add({ id: '1' })).rejects.toMatchObject({
      code: 'VERO_INVALID_EVENT',
      issues: [{ path: 'identity.visits' }],
    });
  });
});

describe('the cache of attributes', () => {
  it('asks once for all that want the same user at the same time', async () => {
    const answer = deferred<object>();
    const { addTo, asked } = loading(() => answer.promise);
    const all = Promise.all(['1', '1', '2', '1', '2'].map((id) => addTo({ id })));
    expect(asked).toEqual(['1', '2']);
    answer.resolve({ plan: 'pro' });
    expect(await all).toEqual(['1', '1', '2', '1', '2'].map((id) => ({ id, plan: 'pro' })));
    expect(asked).toEqual(['1', '2']);
  });

  it.each([0, 1_000])(
    'asks once at a time for a user, also when it takes longer than ttlMs: %i',
    async (ttlMs) => {
      const answer = deferred<object>();
      const { addTo, asked } = loading(() => answer.promise, { ttlMs });
      const first = addTo({ id: '1' });
      passTime(2_000);
      const second = addTo({ id: '1' });
      answer.resolve({ plan: 'pro' });
      expect(await Promise.all([first, second])).toEqual(Array(2).fill({ id: '1', plan: 'pro' }));
      expect(asked).toEqual(['1']);
    },
  );

  it('keeps an answer for a minute, or for ttlMs', async () => {
    for (const [options, ttlMs] of [
      [{}, 60_000],
      [{ ttlMs: 5_000 }, 5_000],
    ] as const) {
      let visits = 0;
      const { addTo } = loading(async () => ({ visits: ++visits }), options);
      expect(await addTo({ id: '1' })).toMatchObject({ visits: 1 });
      passTime(ttlMs - 1_000);
      expect(await addTo({ id: '1' })).toMatchObject({ visits: 1 });
      passTime(1_000);
      expect(await addTo({ id: '1' })).toMatchObject({ visits: 2 });
    }
  });

  it('keeps nothing when ttlMs is 0', async () => {
    const { addTo, asked } = loading(async () => ({}), { ttlMs: 0 });
    await addTo({ id: '1' });
    await addTo({ id: '1' });
    expect(asked).toEqual(['1', '1']);
  });

  it('forgets whoever was not asked for the longest when there are more than max', async () => {
    const { addTo, asked } = loading(async () => ({}), { max: 2 });
    const askFor = async (...ids: string[]): Promise<string[]> => {
      const before = asked.length;
      for (const id of ids) await addTo({ id });
      return asked.slice(before);
    };
    expect(await askFor('a', 'b', 'a', 'b')).toEqual(['a', 'b']);
    // `a` is used, so `b` is the oldest and makes place.
    expect(await askFor('a', 'c')).toEqual(['c']);
    expect(await askFor('a', 'c')).toEqual([]);
    expect(await askFor('b')).toEqual(['b']);
    expect(await askFor('c', 'b')).toEqual([]);
    expect(await askFor('a')).toEqual(['a']);
  });

  it('does not keep a failure, which all who wait for it get', async () => {
    const problem = new Error('the database is down');
    let isDown = true;
    const { addTo, asked } = loading(async () => {
      await sleep(1);
      if (isDown) throw problem;
      return { plan: 'pro' };
    });
    const results = await Promise.allSettled([addTo({ id: '1' }), addTo({ id: '1' })]);
    expect(results).toEqual([
      { status: 'rejected', reason: problem },
      { status: 'rejected', reason: problem },
    ]);
    expect(asked).toEqual(['1']);
    isDown = false;
    expect(await addTo({ id: '1' })).toEqual({ id: '1', plan: 'pro' });
    expect(asked).toEqual(['1', '1']);
  });

  it('does not let a late failure take away a newer answer', async () => {
    const first = deferred<object>();
    const answers = [first.promise, Promise.resolve({ plan: 'pro' })];
    const { addTo, asked } = loading(() => answers.shift() as Promise<object>, { max: 1 });
    const failing = addTo({ id: '1' });
    // Makes place, as `max` is 1, and so user 1 is asked for again.
    answers.unshift(Promise.resolve({}));
    await addTo({ id: '2' });
    expect(await addTo({ id: '1' })).toMatchObject({ plan: 'pro' });
    first.reject(new Error('late'));
    await expect(failing).rejects.toThrow('late');
    expect(await addTo({ id: '1' })).toMatchObject({ plan: 'pro' });
    expect(asked).toEqual(['1', '2', '1']);
  });

  it('has no answer to keep when load throws at once, either', async () => {
    const { addTo } = loading(() => {
      throw new Error('at once');
    });
    await expect(addTo({ id: '1' })).rejects.toThrow('at once');
  });
});

describe('the options of attributes', () => {
  const load = () => ({});

  it('need load', () => {
    const events = new EventFactory(clientSettings({ enabled: false }, {}), new Reporter(() => {}));
    expect(() => new AttributeLoader('here', {} as never, events)).toThrow(
      'here: attributes: option "load" is missing',
    );
  });

  it.each([
    ['load', { load: 'SELECT' }],
    ['ttlMs', { load, ttlMs: -1 }],
    ['ttlMs', { load, ttlMs: '60' }],
    ['max', { load, max: 0 }],
    ['ttl', { load, ttl: 60 }],
  ])('name %s when it is wrong', (name, options) => {
    try {
      loading(load, options);
    } catch (thrown) {
      expect(isVeroError(thrown) && thrown.code).toBe('VERO_CONFIG');
      expect((thrown as Error).message).toMatch(/^here: attributes: /);
      expect((thrown as Error).message).toContain(`"${name}"`);
      return;
    }
    expect.fail('nothing was refused');
  });
});
