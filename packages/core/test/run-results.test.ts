import { expect, it } from 'vitest';
import { JANE, makeClient } from './clients.ts';

it('a result whose `then` can not be read does not leave its scope open', async () => {
  const { vero } = makeClient({ transport: { send: async () => ({ status: 200 }) } });
  const result = Object.defineProperty({}, 'then', {
    get() {
      throw new Error('no');
    },
  });
  const run = () =>
    vero.run({ identity: JANE }, () => {
      vero.trackOnSuccess('n');
      return result;
    });
  try {
    expect(run()).toBe(result);
  } catch (thrown) {
    expect((thrown as Error).message).toBe('no');
  }
  await vero.flush();
  // Otherwise `close` waits for half of its time, every time.
  expect(vero.stats()).toMatchObject({ openScopes: 0, deferred: 0 });
});

it('a function that is a thenable decides by what it comes to', async () => {
  const { vero } = makeClient({ transport: { send: async () => ({ status: 200 }) } });
  const thenable = Object.assign(() => {}, {
    // biome-ignore lint/suspicious/noThenProperty: that is the point.
    then: (_: unknown, reject: (thrown: Error) => void) => reject(new Error('no')),
  });
  await expect(
    Promise.resolve(
      vero.run({ identity: JANE }, () => {
        vero.trackOnSuccess('n');
        return thenable;
      }),
    ),
  ).rejects.toThrow('no');
  expect(vero.stats().skipped).toEqual({ failure: 1 });
});
