import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { JANE, makeClient } from './clients.ts';
import { recording, whoDid } from './recording.ts';

const JOHN = { id: '43', email: 'john@example.com' };

describe('run', () => {
  it('gives back what its work gives: a value, a promise of it, or what a thenable comes to', async () => {
    const { vero } = makeClient();
    const object = {};
    expect(vero.run({}, () => object)).toBe(object);
    expect(vero.run({}, () => undefined)).toBeUndefined();
    expect(vero.run({}, () => null)).toBeNull();
    const promised = vero.run({}, async () => object);
    expect(promised).toBeInstanceOf(Promise);
    expect(await promised).toBe(object);
    // biome-ignore lint/suspicious/noThenProperty: that is the point.
    const thenable = { then: (resolve: (value: object) => void) => resolve(object) };
    expect(await vero.run({}, () => thenable)).toBe(object);
    expect(vero.stats().openScopes).toBe(0);
  });

  it.each([
    ['an error', new Error('no')],
    ['a string', 'no'],
    ['undefined', undefined],
  ])('throws or rejects with %s when its work does, the very same', async (_what, problem) => {
    const { vero } = makeClient();
    const failed: unknown[] = [];
    const catchIt = (thrown: unknown): void => void failed.push(thrown);
    try {
      vero.run({}, () => {
        throw problem;
      });
    } catch (thrown) {
      catchIt(thrown);
    }
    await vero.run({}, () => Promise.reject(problem)).catch(catchIt);
    // biome-ignore lint/suspicious/noThenProperty: that is the point.
    const thenable = { then: (_: unknown, reject: (thrown: unknown) => void) => reject(problem) };
    await Promise.resolve(vero.run({}, () => thenable)).catch(catchIt);
    expect(failed).toHaveLength(3);
    for (const thrown of failed) expect(thrown).toBe(problem);
    expect(vero.stats().openScopes).toBe(0);
  });

  it('leaves a rejection that nobody handles to the process, once', async () => {
    const script = `
      import { createVero } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)};
      const vero = createVero({ authToken: 'tok_secret_child' });
      process.on('unhandledRejection', (reason) => console.log('unhandled: ' + reason));
      vero.run({}, async () => { throw 'nobody cares'; });
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    expect(stdout).toBe('unhandled: nobody cares\n');
  });
});

describe('the identity of a scope', () => {
  it('is whose events are tracked inside it, now and on success', async () => {
    const { vero, sent } = recording();
    vero.run({ identity: JANE }, () => {
      vero.track('now');
      vero.trackOnSuccess('on_success');
    });
    await vero.flush();
    expect(whoDid(sent)).toEqual([
      ['now', '42'],
      ['on_success', '42'],
    ]);
    expect(sent[0]?.identity).toEqual(JANE);
  });

  it.each([[null], [undefined]])('means nobody when it is %s', async (identity) => {
    const { vero, told, sent } = recording();
    vero.run({ identity: JANE }, () =>
      vero.run({ identity }, () => {
        expect(vero.identity()).toBeUndefined();
        vero.track('now');
        vero.trackOnSuccess('on_success');
      }),
    );
    await vero.flush();
    expect(sent).toEqual([]);
    expect(told.skipped.map(({ name, reason }) => [name, reason])).toEqual([
      ['now', 'no-identity'],
      ['on_success', 'no-identity'],
    ]);
  });

  it('is that of the scope around it when it is left out, however far away that is', async () => {
    const { vero, sent } = recording();
    await vero.run({ identity: JANE }, () =>
      vero.run({}, () => vero.run({}, async () => vero.track('deep'))),
    );
    await vero.flush();
    expect(whoDid(sent)).toEqual([['deep', '42']]);
  });

  it('means nobody when no scope around says who', () => {
    const { vero } = recording();
    vero.run({}, () => vero.track('n'));
    vero.track('outside');
    expect(vero.stats().skipped).toEqual({ 'no-identity': 2 });
  });

  it('gives way to the identity of an event, also when that is null', async () => {
    const { vero, sent } = recording();
    vero.run({ identity: JANE }, () => {
      vero.track('own', { identity: JOHN });
      vero.trackOnSuccess('own_on_success', { identity: JOHN });
      vero.track('nobody', { identity: null });
      vero.trackOnSuccess('nobody_on_success', { identity: undefined });
    });
    await vero.flush();
    expect(whoDid(sent)).toEqual([
      ['own', '43'],
      ['own_on_success', '43'],
    ]);
    expect(vero.stats().skipped).toEqual({ 'no-identity': 2 });
  });

  it('is told when it is wrong, with its path, by each event that needs it', async () => {
    const { vero, told } = recording();
    await vero.run({ identity: { id: '' } }, async () => {
      expect(vero.identity()).toBeUndefined();
      vero.track('now');
      vero.trackOnSuccess('on_success');
      vero.track('own', { identity: JOHN });
    });
    await vero.flush();
    expect(told.invalid.map(({ name, error }) => [name, error.issues.map(({ path }) => path)])).toEqual([
      ['now', ['identity.id']],
      ['on_success', ['identity.id']],
    ]);
    expect(vero.stats()).toMatchObject({ accepted: 1, delivered: 1, invalid: 2, skipped: {} });
  });

  it('is told as a failed callback when it is a promise', async () => {
    const { vero, told } = recording();
    const identity = Promise.resolve(JANE) as never;
    vero.run({ identity }, () => vero.track('n'));
    expect(told.error).toMatchObject([{ callback: 'identify', error: { code: 'VERO_CALLBACK_FAILED' } }]);
    expect(vero.stats().skipped).toEqual({ 'callback-failed': 1 });
  });
});

describe('vero.identity', () => {
  it('is the user of the innermost scope, and nobody outside', async () => {
    const { vero } = makeClient();
    expect(vero.identity()).toBeUndefined();
    await vero.run({ identity: JANE }, async () => {
      expect(vero.identity()).toEqual(JANE);
      await vero.run({ identity: { id: 7n, plan: 'pro' } }, async () => {
        await sleep(1);
        expect(vero.identity()).toEqual({ id: '7', plan: 'pro' });
      });
      expect(vero.run({}, () => vero.identity())).toEqual(JANE);
    });
    expect(vero.identity()).toBeUndefined();
  });

  it('is a copy', async () => {
    const { vero, sent } = recording();
    vero.run({ identity: { id: '1', address: { city: 'Delft' } } }, () => {
      Object.assign(vero.identity()?.address as object, { city: 'Rome' });
      Object.assign(vero.identity() as object, { id: '2' });
      expect(vero.identity()).toEqual({ id: '1', address: { city: 'Delft' } });
      vero.track('n');
    });
    await vero.flush();
    expect(sent[0]?.identity).toEqual({ id: '1', address: { city: 'Delft' } });
  });
});
