import { describe, expect, it } from 'vitest';
import { deferred, JANE, makeClient } from './clients.ts';
import { fakeVero } from './fake-vero.ts';

const NOTHING = { delivered: 0, rejected: 0, dropped: 0, handedOver: 0, pending: 0, deferred: 0 };

const inMemory = { transport: { send: async () => ({ status: 200 }) } };
const reasons = (told: { skipped: readonly { name: string; reason: string }[] }): unknown[] =>
  told.skipped.map(({ name, reason }) => [name, reason]);

describe('trackOnSuccess', () => {
  it('sends when the work returns or resolves, and not before', async () => {
    const server = await fakeVero();
    const { vero } = makeClient({ baseUrl: server.url });
    const work = deferred();
    const running = vero.run({ identity: JANE }, async () => {
      vero.trackOnSuccess('resolved');
      await work.promise;
    });
    await vero.flush();
    expect(vero.stats()).toMatchObject({ accepted: 0, deferred: 1, openScopes: 1 });
    work.resolve();
    await running;
    vero.run({ identity: JANE }, () => vero.trackOnSuccess('returned'));
    expect(await vero.flush()).toEqual({ ...NOTHING, delivered: 2 });
    expect([...server.names].sort()).toEqual(['resolved', 'returned']);
  });

  it('sends nothing when the work throws or rejects, and says failure', async () => {
    const { vero, told } = makeClient(inMemory);
    const fail = (name: string): never => {
      vero.trackOnSuccess(name);
      throw new Error(name);
    };
    expect(() => vero.run({ identity: JANE }, () => fail('throws'))).toThrow('throws');
    await expect(vero.run({ identity: JANE }, async () => fail('rejects'))).rejects.toThrow('rejects');
    expect(reasons(told)).toEqual([
      ['throws', 'failure'],
      ['rejects', 'failure'],
    ]);
    expect(vero.stats()).toMatchObject({ accepted: 0, deferred: 0, openScopes: 0, skipped: { failure: 2 } });
  });

  it('leaves what was tracked at once to itself', async () => {
    const { vero, told } = makeClient(inMemory);
    await vero
      .run({ identity: JANE }, async () => {
        vero.track('now');
        throw new Error('no');
      })
      .catch(() => {});
    await vero.flush();
    expect(told.delivered.map(({ event }) => event.name)).toEqual(['now']);
  });

  it('takes its options at once: what happens to them later changes nothing', async () => {
    const server = await fakeVero();
    const { vero } = makeClient({ baseUrl: server.url });
    const before = Date.now();
    await vero.run({ identity: JANE }, async () => {
      const options = { data: { items: ['shoes'] }, eventId: 'first', source: 'shop' };
      vero.trackOnSuccess('bought', options);
      const called = Date.now();
      options.data.items.push('socks');
      Object.assign(options, { data: { items: [] }, eventId: 'second', source: 'other' });
      while (Date.now() <= called + 2) await null;
    });
    const after = Date.now();
    await vero.flush();
    const [{ body } = { body: undefined }] = server.requests;
    expect(body).toMatchObject({ data: { items: ['shoes'] }, extras: { source: 'shop' } });
    const happened = Date.parse(body.extras.created_at);
    expect(happened).toBeGreaterThanOrEqual(before);
    // When it was called, not when the work was over.
    expect(happened).toBeLessThan(after - 1);
  });

  it('is told at once when it is wrong', () => {
    const { vero, told } = makeClient(inMemory);
    vero.run({ identity: JANE }, () => {
      vero.trackOnSuccess('n', { data: { price: Number.NaN } });
      vero.trackOnSuccess('n', { identity: { id: '' } });
      expect(told.invalid.map(({ error }) => error.issues[0]?.path)).toEqual(['data.price', 'identity.id']);
      expect(vero.stats().deferred).toBe(0);
    });
    expect(vero.stats()).toMatchObject({ invalid: 2, accepted: 0 });
  });

  it('keeps 100 for each scope, and drops the others as too-many', async () => {
    const { vero, told } = makeClient(inMemory);
    vero.run({ identity: JANE }, () => {
      for (let n = 0; n < 103; n++) vero.trackOnSuccess(`e${n}`);
      vero.run({}, () => vero.trackOnSuccess('in another scope'));
      expect(vero.stats()).toMatchObject({ accepted: 3, dropped: 3, deferred: 101, pending: 0 });
    });
    expect(told.dropped.map(({ event, reason }) => [event.name, reason])).toEqual(
      ['e100', 'e101', 'e102'].map((name) => [name, 'too-many']),
    );
    expect(await vero.flush()).toEqual({ ...NOTHING, delivered: 101 });
    expect(vero.stats()).toMatchObject({ accepted: 104, delivered: 101, dropped: 3, deferred: 0 });
  });

  it('follows the outcome once it is known', async () => {
    const { vero, told } = makeClient(inMemory);
    const after = deferred();
    const late: Promise<void>[] = [];
    const lateIn = (name: string): void =>
      void late.push(after.promise.then(() => vero.trackOnSuccess(name)));
    vero.run({ identity: JANE }, () => lateIn('after success'));
    expect(() =>
      vero.run({ identity: JANE }, () => {
        lateIn('after failure');
        throw new Error('no');
      }),
    ).toThrow('no');
    vero.run({ identity: JANE }, () => {
      lateIn('after cancel');
      vero.cancelTracking();
    });
    after.resolve();
    await Promise.all(late);
    expect(vero.stats()).toMatchObject({ accepted: 1, deferred: 0 });
    expect(reasons(told)).toEqual([
      ['after failure', 'failure'],
      ['after cancel', 'cancelled'],
    ]);
    await vero.flush();
    expect(told.delivered.map(({ event }) => event.name)).toEqual(['after success']);
  });

  it('asks the innermost scope: neither the one around it nor those inside it decide', async () => {
    const { vero, told } = makeClient(inMemory);
    await vero
      .run({ identity: JANE }, async () => {
        vero.trackOnSuccess('outer');
        await vero.run({}, async () => vero.trackOnSuccess('inner success'));
        await vero
          .run({}, async () => {
            vero.trackOnSuccess('inner failure');
            throw new Error('caught');
          })
          .catch(() => {});
        await vero.flush();
        expect(told.delivered.map(({ event }) => event.name)).toEqual(['inner success']);
        expect(reasons(told)).toEqual([['inner failure', 'failure']]);
        vero.run({}, () => vero.cancelTracking());
      })
      .then(() => vero.flush());
    expect(told.delivered.map(({ event }) => event.name)).toEqual(['inner success', 'outer']);
  });

  it('sends nothing outside any scope, and says no-scope', () => {
    const { vero, told } = makeClient(inMemory);
    vero.run({ identity: JANE }, () => {});
    vero.trackOnSuccess('n', { identity: JANE });
    expect(told.skipped).toEqual([{ name: 'n', reason: 'no-scope', route: undefined }]);
    expect(vero.stats()).toMatchObject({ accepted: 0, deferred: 0, skipped: { 'no-scope': 1 } });
  });

  it('is waited for by flush, once the work is over', async () => {
    const { vero, told } = makeClient(inMemory);
    vero.run({ identity: JANE }, () => vero.trackOnSuccess('n'));
    // Nothing is accepted yet: that it will be is known only to the scope.
    expect(vero.stats()).toMatchObject({ accepted: 0, deferred: 1, openScopes: 0 });
    expect(await vero.flush()).toEqual({ ...NOTHING, delivered: 1 });
    expect(told.delivered).toHaveLength(1);
  });
});

describe('cancelTracking', () => {
  it('makes the outcome of its scope cancelled, wherever in the work it is called', async () => {
    const { vero, told } = makeClient(inMemory);
    await vero.run({ identity: JANE }, async () => {
      vero.trackOnSuccess('before');
      await null;
      vero.cancelTracking('the form was wrong');
      vero.trackOnSuccess('after');
      vero.track('at once');
    });
    await vero.flush();
    expect(reasons(told)).toEqual([
      ['before', 'cancelled'],
      ['after', 'cancelled'],
    ]);
    expect(told.skipped.map(({ detail }) => detail)).toEqual(['the form was wrong', 'the form was wrong']);
    expect(told.delivered.map(({ event }) => event.name)).toEqual(['at once']);
    expect(told.error).toEqual([]);
  });

  it('does not hide that the work failed', () => {
    const { vero, told } = makeClient(inMemory);
    const work = (): never => {
      vero.trackOnSuccess('n');
      vero.cancelTracking();
      throw new Error('no');
    };
    expect(() => vero.run({ identity: JANE }, work)).toThrow('no');
    expect(reasons(told)).toEqual([['n', 'failure']]);
  });

  it.each([
    ['the form was wrong', 'cancelTracking (the form was wrong) was called outside any scope'],
    [undefined, 'cancelTracking was called outside any scope'],
  ])('is an error outside any scope, and says %s', (reason, message) => {
    const { vero, told } = makeClient(inMemory);
    vero.cancelTracking(reason);
    expect(told.error.map(({ error }) => [error.code, error.message])).toEqual([['VERO_NO_SCOPE', message]]);
  });
});

describe('the counters of scopes', () => {
  it('go up and down with the work', async () => {
    const { vero } = makeClient(inMemory);
    const counts = (): unknown[] => [vero.stats().openScopes, vero.stats().deferred];
    const work = deferred();
    expect(counts()).toEqual([0, 0]);
    const outer = vero.run({ identity: JANE }, async () => {
      expect(counts()).toEqual([1, 0]);
      vero.trackOnSuccess('a');
      vero.trackOnSuccess('b');
      const inner = vero.run({}, async () => {
        vero.trackOnSuccess('c');
        await work.promise;
      });
      expect(counts()).toEqual([2, 3]);
      await inner;
      await vero.flush();
      expect(counts()).toEqual([1, 2]);
    });
    expect(counts()).toEqual([2, 3]);
    work.resolve();
    await outer;
    await vero.flush();
    expect(counts()).toEqual([0, 0]);
    expect(vero.stats().delivered).toBe(3);
  });
});
