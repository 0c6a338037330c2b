import { describe, expect, it } from 'vitest';
import { Tracking, Work } from '../src/adapter.ts';
import type { VeroError } from '../src/index.ts';
import { deferred, JANE, makeClient, TOKEN } from './clients.ts';
import { fakeVero } from './fake-vero.ts';

const event = { identity: JANE };

const failing = (sending: Promise<void>): Promise<VeroError> =>
  sending.then(
    () => {
      throw new Error('it was sent');
    },
    (thrown: VeroError) => thrown,
  );

/** What never answers. */
const never = (): Promise<never> => new Promise(() => {});

describe('the limit of send', () => {
  it('holds for a token that is slow to come', async () => {
    const server = await fakeVero();
    const { vero, told } = makeClient({ baseUrl: server.url, authToken: never });
    expect(await failing(vero.send('n', event, { timeoutMs: 30 }))).toMatchObject({
      code: 'VERO_CREDENTIAL',
    });
    expect(told.dropped).toMatchObject([{ reason: 'send-failed', possiblyDelivered: false }]);
    expect(server.requests).toEqual([]);
  });

  it('holds for a beforeSend that is slow to answer', async () => {
    const server = await fakeVero();
    const { vero, told } = makeClient({ baseUrl: server.url, beforeSend: never });
    expect(await failing(vero.send('n', event, { timeoutMs: 30 }))).toMatchObject({
      code: 'VERO_CALLBACK_FAILED',
    });
    expect(told.dropped).toMatchObject([{ reason: 'send-failed' }]);
    expect(server.requests).toEqual([]);
  });

  it('holds for a Vero that never answers, and the event may have arrived', async () => {
    const server = await fakeVero('hang');
    const { vero, told } = makeClient({ baseUrl: server.url });
    expect(await failing(vero.send('n', event, { timeoutMs: 300 }))).toMatchObject({ code: 'VERO_DELIVERY' });
    expect(told.dropped).toMatchObject([{ reason: 'send-failed', possiblyDelivered: true }]);
  });
});

describe('a send that is vetoed', () => {
  it('is accepted, and dropped', async () => {
    const { vero, told } = makeClient({ beforeSend: () => false });
    expect(await failing(vero.send('n', event))).toMatchObject({ code: 'VERO_NOT_SENT' });
    expect(vero.stats()).toMatchObject({ accepted: 1, dropped: 1 });
    expect(told.dropped).toMatchObject([{ reason: 'vetoed' }]);
  });
});

describe('a send whose client is closed', () => {
  it('while it waits for its next attempt ends at once', async () => {
    const server = await fakeVero({ status: 429, headers: { 'retry-after': '20' } });
    const { vero } = makeClient({ baseUrl: server.url });
    const sending = failing(vero.send('n', event));
    await server.received(1);
    await new Promise(setImmediate);
    await vero.close({ timeout: 20 });
    expect(await sending).toMatchObject({ code: 'VERO_NOT_SENT' });
  });

  it('while Vero has not answered ends at once, and does not say that it was not sent', async () => {
    const server = await fakeVero('hang');
    const { vero, told } = makeClient({ baseUrl: server.url });
    const sending = failing(vero.send('n', event));
    await server.received(1);
    await vero.close({ timeout: 20 });
    expect(await sending).toMatchObject({
      code: 'VERO_DELIVERY',
      message: expect.stringMatching(/Vero may have "n"/),
    });
    expect(told.dropped).toMatchObject([{ reason: 'closed', possiblyDelivered: true }]);
  });
});

describe('a send while delivery is paused', () => {
  it('asks neither for the token nor for consent', async () => {
    const server = await fakeVero(401);
    const asked: string[] = [];
    const gone = deferred();
    const { vero, until } = makeClient({
      baseUrl: server.url,
      authToken: () => {
        asked.push('token');
        return TOKEN;
      },
      delivery: { retry: { baseMs: 60_000, maxMs: 60_000 } },
      beforeSend: () => {
        asked.push('consent');
        return true;
      },
    });
    gone.resolve();
    vero.track('n', event);
    await until('paused');
    asked.length = 0;
    expect(await failing(vero.send('m', event))).toMatchObject({ code: 'VERO_PAUSED' });
    expect(asked).toEqual([]);
  });
});

describe('a send in a scope whose user can not be asked for', () => {
  it('rejects with an error of ours', async () => {
    const { vero } = makeClient();
    const identify = (): never => {
      throw new RangeError('broken');
    };
    const work = new Work(new Tracking('test', vero, { identify }), () => ({}), 'a test');
    const thrown = await failing(work.run(() => vero.send('n')));
    expect(thrown).toMatchObject({
      code: 'VERO_CALLBACK_FAILED',
      message: 'send: the callback "identify" failed: broken',
    });
    work.settle({ failed: false, sent: true, answered: true, isFinal: true });
  });
});
