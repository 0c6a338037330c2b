import { describe, expect, it } from 'vitest';
import { Tracking, Work } from '../src/adapter.ts';
import { JANE, makeClient } from './clients.ts';
import { fakeVero } from './fake-vero.ts';

const SUCCEEDED = { failed: false, sent: true, answered: true, isFinal: true };

describe('the user of a scope', () => {
  it('is copied when the work begins', async () => {
    const server = await fakeVero();
    const { vero } = makeClient({ baseUrl: server.url });
    const user = { id: '42', email: 'jane@example.com' };
    await vero.run({ identity: user }, async () => {
      Object.assign(user, { id: 'deleted', email: 'nobody@example.com' });
      vero.track('n');
      vero.trackOnSuccess('m');
    });
    await vero.flush();
    expect(server.requests.map(({ body }) => body.identity)).toEqual([JANE, JANE]);
  });

  it('is not needed by an event that says itself whose it is, when the scope can not tell', async () => {
    const server = await fakeVero();
    const { vero, told } = makeClient({ baseUrl: server.url });
    const identify = (): never => {
      throw new Error('broken');
    };
    const work = new Work(new Tracking('test', vero, { identify }), () => ({}), 'a test');
    work.run(() => {
      vero.trackOnSuccess('own', { identity: JANE });
      vero.trackOnSuccess('scoped');
    });
    work.settle(SUCCEEDED);
    await vero.flush();
    expect(server.names).toEqual(['own']);
    expect(told.skipped).toMatchObject([{ name: 'scoped', reason: 'callback-failed' }]);
  });
});
