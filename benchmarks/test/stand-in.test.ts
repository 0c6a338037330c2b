import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clients, IDS_OF_PEERS } from '../src/clients/index.ts';
import { cartEvent } from '../src/event.ts';
import { type RunningVero, startVero } from '../src/vero/stand-in.ts';

let vero: RunningVero;
beforeAll(async () => {
  vero = await startVero();
});
beforeEach(() => vero.reset());
afterAll(() => vero.stop());

const post = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  fetch(vero.url + path, { method: 'POST', body, headers });

describe('the stand-in for Vero', () => {
  it('answers as Vero does, and counts', async () => {
    const answer = await post('/api/v2/events/track', '{}');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status: 200, message: 'Success.' });
    expect(await vero.counted()).toEqual({ requests: 1, events: 1 });
  });

  it('counts the events of a batch, compressed or not', async () => {
    const batch = JSON.stringify({ batch: [{}, {}, {}] });
    await post('/v1/batch', batch);
    await post('/batch/', gzipSync(batch), { 'content-encoding': 'gzip' });
    expect(await vero.counted()).toEqual({ requests: 2, events: 6 });
  });

  it('tells when other than the expected number of events came', async () => {
    await post('/api/v2/events/track', '{}');
    await expect(vero.expect(0, 'a client')).rejects.toThrow('a client: 1 of 0 events arrived');
    await vero.expect(1, 'a client');
  });

  it.each(IDS_OF_PEERS)('gets every event of %s', async (id) => {
    const client = await clients[id].make({ url: vero.url, concurrency: 2, capacity: 100 });
    const calls = Array.from({ length: 45 }, (_, n) => client.shape(cartEvent(n)));
    await Promise.all(calls.map((call) => client.capture(call)));
    await client.flush();
    await vero.expect(calls.length, clients[id].title);
    await client.close();
  });
});
