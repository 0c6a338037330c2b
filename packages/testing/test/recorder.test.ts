import { AssertionError } from 'node:assert';
import { defineEvents, defineIdentity, event } from '@verotrack/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { recordVero } from '../src/index.ts';

const jane = { id: '42', email: 'jane@example.com' };
const events = defineEvents({
  add_to_cart: z.object({ item_name: z.string(), at: z.date().optional() }),
  logged_out: event(),
});

afterEach(() => vi.unstubAllEnvs());

describe('a recorder', () => {
  it('has what was tracked at once, as Vero would get it', () => {
    const recorder = recordVero({ events, source: 'shop' });
    recorder.track('add_to_cart', {
      identity: jane,
      data: { item_name: 'hat', at: new Date(0) },
      eventId: 'e1',
      createdAt: 0,
      conversionId: 'c1',
    });
    expect(recorder.events()).toEqual([
      {
        name: 'add_to_cart',
        identity: jane,
        data: { item_name: 'hat', at: '1970-01-01T00:00:00.000Z' },
        createdAt: '1970-01-01T00:00:00.000Z',
        eventId: 'e1',
        source: 'shop',
        conversionId: 'c1',
        developmentMode: false,
      },
    ]);
  });

  it('asks neither the environment nor the network', async () => {
    vi.stubEnv('VERO_ENABLED', 'false');
    vi.stubEnv('VERO_DEVELOPMENT_MODE', 'true');
    vi.stubEnv('VERO_BASE_URL', 'https://vero.invalid');
    vi.stubEnv('VERO_AUTH_TOKEN', 'tok_secret_of_the_developer');
    const recorder = recordVero();
    recorder.track('n', { identity: jane });
    expect(recorder.events()).toMatchObject([{ name: 'n', developmentMode: false }]);
    expect(await recorder.flush()).toMatchObject({ delivered: 1, pending: 0 });
  });

  it('records what send sends, once, with its id', async () => {
    const recorder = recordVero();
    await recorder.send('n', { identity: jane, eventId: 'e1' });
    await recorder.flush();
    expect(recorder.events()).toMatchObject([{ name: 'n', eventId: 'e1' }]);
  });

  it('knows the outcome of work', async () => {
    const recorder = recordVero();
    recorder.run({ identity: jane }, () => recorder.trackOnSuccess('imported', { data: { rows: 3 } }));
    const failed = recorder.run({ identity: jane }, async () => {
      recorder.trackOnSuccess('exported');
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    await recorder.flushRequests();
    expect(recorder.tracked('imported')).toMatchObject([{ data: { rows: 3 } }]);
    expect(recorder.tracked('exported')).toEqual([]);
    expect(recorder.untracked()).toMatchObject([{ name: 'exported', kind: 'skipped', reason: 'failure' }]);
  });

  it('says what was not tracked, and why', async () => {
    const recorder = recordVero({ beforeSend: ({ name }) => name !== 'vetoed' });
    recorder.track('nobody');
    recorder.track('bad', { identity: jane, data: { n: 1n } });
    recorder.track('vetoed', { identity: jane });
    recorder.run({ identity: jane }, () => {
      recorder.trackOnSuccess('cancelled');
      recorder.cancelTracking('changed my mind');
    });
    await recorder.flush();
    expect(recorder.events()).toEqual([]);
    expect(recorder.untracked().map(({ name, kind, reason }) => [name, kind, reason])).toEqual([
      ['nobody', 'skipped', 'no-identity'],
      ['bad', 'invalid', 'data.n: a bigint can not be sent as JSON; convert it to a string or a number'],
      ['cancelled', 'skipped', 'cancelled (changed my mind)'],
      ['vetoed', 'dropped', 'vetoed'],
    ]);
  });

  it('holds events against the catalogue, with the words of the schema', () => {
    const recorder = recordVero({ events, identity: defineIdentity(z.object({ id: z.string() })) });
    recorder.track('add_to_cart', { identity: jane, data: { item_name: 7 as never } });
    expect(recorder.untracked()).toMatchObject([
      { name: 'add_to_cart', kind: 'invalid', reason: expect.stringMatching(/^data\.item_name: .*string/) },
    ]);
  });

  it('finds events by a part of them', () => {
    const recorder = recordVero();
    recorder.track('n', {
      identity: { id: 1, tags: ['a', 'b'] },
      data: { deep: { a: 1, b: [1, 2] }, at: new Date(0) },
    });
    const finds = (expected: object): number => recorder.tracked('n', expected).length;
    expect(finds({})).toBe(1);
    expect(finds({ identity: { id: '1' } })).toBe(1);
    expect(finds({ identity: { tags: ['a', 'b'] }, data: { deep: { a: 1 } } })).toBe(1);
    expect(finds({ data: { deep: { b: expect.arrayContaining([2]) } } })).toBe(1);
    expect(finds({ data: expect.objectContaining({ deep: expect.anything() }) })).toBe(1);
    expect(finds({ data: { at: new Date(0) } })).toBe(1);
    expect(finds({ data: { missing: undefined } })).toBe(1);
    expect(finds({ identity: { id: 1 } })).toBe(0);
    expect(finds({ identity: { tags: ['a'] } })).toBe(0);
    expect(finds({ data: { deep: { a: 2 } } })).toBe(0);
    expect(finds({ data: { toString: expect.anything() } })).toBe(0);
    expect(finds({ data: { deep: expect.any(String) } })).toBe(0);
  });

  it('waits for an event that comes later, and knows one that was there before', async () => {
    const recorder = recordVero();
    const later = recorder.waitForEvent('later', { data: { n: 2 } });
    recorder.track('later', { identity: jane, data: { n: 1 } });
    recorder.track('later', { identity: jane, data: { n: 2 } });
    expect(await later).toMatchObject({ data: { n: 2 } });
    expect(await recorder.waitForEvent('later')).toMatchObject({ data: { n: 1 } });
  });

  it('gives up waiting, and says what was tracked instead', async () => {
    const recorder = recordVero();
    recorder.track('other', { identity: jane });
    await expect(recorder.waitForEvent('n', {}, { timeoutMs: 1 })).rejects.toThrow(
      /^expected to be tracked:\n {2}n \{\}\n\n1 event was tracked:\n {2}other by 42/,
    );
  });

  it('waits for open work, and says when it does not end', async () => {
    const recorder = recordVero();
    const end = Promise.withResolvers<void>();
    const work = recorder.run({ identity: jane }, async () => {
      recorder.trackOnSuccess('done');
      await end.promise;
    });
    await expect(recorder.flushRequests({ timeoutMs: 1 })).rejects.toThrow(
      'flushRequests: after 1 ms, 1 request or scope was still open, and 1 event undecided',
    );
    const flushed = recorder.flushRequests();
    end.resolve();
    await Promise.all([work, flushed]);
    expect(recorder.tracked('done')).toHaveLength(1);
  });

  it('forgets when it is told to', () => {
    const recorder = recordVero();
    recorder.track('n', { identity: jane });
    recorder.track('nobody');
    recorder.clear();
    expect([recorder.events(), recorder.untracked()]).toEqual([[], []]);
  });

  it('knows after flushRequests what beforeSend said', async () => {
    const recorder = recordVero({
      beforeSend: async ({ name }) => {
        await new Promise((resolve) => setImmediate(resolve));
        return name !== 'vetoed';
      },
    });
    recorder.run({ identity: jane }, () => {
      recorder.trackOnSuccess('vetoed');
      recorder.trackOnSuccess('sent');
    });
    await recorder.flushRequests();
    expect(recorder.events()).toMatchObject([{ name: 'sent' }]);
  });

  it('outlives the application that closes it, and waits for its open work', async () => {
    const recorder = recordVero();
    const work = recorder.run({ identity: jane }, async () => {
      recorder.trackOnSuccess('first');
      await new Promise((resolve) => setImmediate(resolve));
    });
    expect(await recorder.close()).toMatchObject({ dropped: 0, pending: 0, deferred: 0 });
    await work;
    expect(recorder.tracked('first')).toHaveLength(1);
    recorder.track('second', { identity: jane });
    expect(recorder.events()).toHaveLength(2);
  });

  it('refuses options that mean nothing without Vero, and wrong ones', () => {
    expect(() => recordVero({ queue: {} } as never)).toThrow('recordVero: unknown option "queue"');
    expect(() => recordVero({ unique: 1 } as never)).toThrow('"unique" must be true or false');
  });
});

describe('the assertions of a recorder', () => {
  it('give the event, or throw what node:assert throws', () => {
    const recorder = recordVero();
    recorder.assertTrackedNothing();
    recorder.track('n', { identity: jane, data: { n: 1 } });
    expect(recorder.assertTracked('n', { data: { n: 1 } })).toMatchObject({ name: 'n' });
    recorder.assertTrackedTimes('n', 1);
    recorder.assertTrackedTimes('n', 0, { data: { n: 2 } });
    for (const failing of [
      () => recorder.assertTracked('n', { data: { n: 2 } }),
      () => recorder.assertTrackedTimes('n', 2),
      () => recorder.assertTrackedNothing(),
    ]) {
      expect(failing).toThrow(AssertionError);
    }
  });
});
