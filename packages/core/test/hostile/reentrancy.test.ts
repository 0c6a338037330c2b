import { describe, expect, it } from 'vitest';
import { createVero } from '../../src/index.ts';
import { expectBalanced, JANE, makeClient, TOKEN, track } from '../clients.ts';
import { declared } from './declared.ts';

describe('a listener that causes what it listens to', () => {
  it.each([
    ['invalid', '', { identity: JANE }],
    ['skipped', 'n', {}],
  ] as const)('is not told of %s without end', (event, name, options) => {
    const logged: string[] = [];
    const vero = track(createVero({ authToken: TOKEN, logger: (message) => void logged.push(message) }));
    let told = 0;
    const loop = (): void => vero.track(name, options);
    vero.on(event, () => {
      told++;
      loop();
    });
    loop();
    expect(told).toBe(10);
    expect(logged).toEqual([expect.stringContaining(`A listener of "${event}" causes what it listens to`)]);
    // What comes later is told as ever.
    loop();
    expect(told).toBe(20);
  });

  it('is not told of dropped without end either, where each loop accepts an event', async () => {
    const vero = track(createVero({ authToken: TOKEN, logger: () => {} }));
    await vero.close();
    let told = 0;
    vero.on('dropped', () => {
      told++;
      vero.track('n', { identity: JANE });
    });
    vero.track('n', { identity: JANE });
    expect(told).toBe(10);
    expectBalanced(vero);
    expect(vero.stats()).toMatchObject({ accepted: 11, dropped: 11, pending: 0 });
  });
});

it('an identify that tracks an event is not asked for the user of that event, and the answer is as ever', async () => {
  const { vero, told } = makeClient({ transport: { send: async () => ({ status: 200 }) } });
  let asked = 0;
  const identify = (): object => {
    asked++;
    vero.track('identified');
    return JANE;
  };
  expect(declared(vero, {}, { identify }, () => vero.track('seen'))).toBeUndefined();
  await vero.flush();
  expect(asked).toBe(1);
  expect(vero.stats()).toMatchObject({ delivered: 2, skipped: { 'no-identity': 1 } });
  expect(told.error).toEqual([]);
});

it('an identify that asks for itself inside its scope is told, once', async () => {
  const { vero, told } = makeClient({ transport: { send: async () => ({ status: 200 }) } });
  let isLoggedIn = false;
  const identify = (): object | undefined => {
    if (!isLoggedIn) return undefined;
    vero.track('identified');
    return JANE;
  };
  declared(vero, {}, { identify }, () => {
    isLoggedIn = true;
    vero.track('seen');
  });
  await vero.flush();
  expect(told.error.map(({ callback, error }) => [callback, error.message])).toEqual([
    ['identify', expect.stringContaining('it asks for the user that it is to tell')],
  ]);
  expect(vero.stats()).toMatchObject({ delivered: 2, skipped: { 'callback-failed': 1 } });
});
