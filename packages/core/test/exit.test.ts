import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { fakeVero, nobodyThere } from './fake-vero.ts';
import { runScript } from './run-script.ts';

const DELIVERED = { delivered: 1, rejected: 0, dropped: 0, handedOver: 0, pending: 0 };
const DROPPED = { ...DELIVERED, delivered: 0, dropped: 1 };
/** The time of an attempt that ends with it. */
const SHORT_MS = 500;
/** The time of an attempt that Vero must get, also when the machine is so busy that it takes long to load what sends it. */
const LONG_MS = 4_000;

const run = (ending: string, url: string, attemptMs: number = SHORT_MS): Promise<unknown[]> =>
  runScript('plain-script.ts', [ending, attemptMs], url);

describe('a script that tracks and closes', () => {
  it('ends by itself with nothing left open, and its event is delivered', async () => {
    const vero = await fakeVero();
    expect(await run('close', vero.url, LONG_MS)).toMatchObject([DELIVERED, []]);
    expect(vero.names).toEqual(['script_ran']);
  });

  it('ends by itself when nobody is there', async () => {
    expect(await run('close', await nobodyThere())).toMatchObject([DROPPED, []]);
  });

  it('ends by itself when Vero never answers', async () => {
    const vero = await fakeVero('hang');
    expect(await run('close', vero.url)).toMatchObject([DROPPED, []]);
  });

  it('ends by itself when a connection is never made', async () => {
    // It takes connections, and knows nothing of TLS.
    const server = createServer(() => {}).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await run('close', `https://127.0.0.1:${port}`)).toMatchObject([DROPPED, []]);
    server.close();
  });

  it('ends by itself when Vero refuses the credential', async () => {
    const vero = await fakeVero(401);
    expect(await run('close', vero.url)).toMatchObject([DROPPED, []]);
  });

  it('ends by itself when work never ends', async () => {
    const vero = await fakeVero();
    expect(await run('open work', vero.url, LONG_MS / 2)).toMatchObject([DELIVERED]);
  });

  it('ends by itself when there was nothing to do', async () => {
    expect(await run('close at once', await nobodyThere())).toMatchObject([{ ...DELIVERED, delivered: 0 }]);
  });
});

describe('a script that never closes', () => {
  it('ends by itself, when what is under way has ended', async () => {
    const vero = await fakeVero();
    await run('nothing', vero.url, LONG_MS);
    expect(vero.names).toEqual(['script_ran']);
  });

  it('ends by itself with what it could not deliver: a retry does not hold it', async () => {
    await run('nothing', await nobodyThere());
    const vero = await fakeVero(503);
    await run('nothing', vero.url, LONG_MS);
    expect(vero.requests).toHaveLength(1);
  });

  it('ends by itself when Vero never answers, after the time of an attempt', async () => {
    const vero = await fakeVero('hang');
    await run('nothing', vero.url, LONG_MS / 2);
    expect(vero.requests).toHaveLength(1);
  });

  it('ends by itself after a flush: kept-alive connections do not hold it', async () => {
    const vero = await fakeVero();
    expect(await run('flush', vero.url, LONG_MS)).toMatchObject([DELIVERED]);
  });

  it('ends by itself after a send', async () => {
    const vero = await fakeVero();
    expect(await run('send', vero.url, LONG_MS)).toEqual([]);
    expect(vero.names).toEqual(['script_ran']);
  });
});
