import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identity, LocalFleet } from './local-fleet.ts';

let fleet: LocalFleet;

beforeEach(async () => {
  fleet = await LocalFleet.open();
});

afterEach(() => fleet.close());

const nothing = { waiting: 0, taken: 0, deadLetters: 0 };

describe('A client and a worker of one process may share a queue', () => {
  it('and the worker goes on when the client is closed', async () => {
    const queue = fleet.queue();
    const client = fleet.client({ queue });
    const worker = fleet.worker({ queue });
    await fleet.store(10, client);
    await client.close();
    await fleet.store(10);
    await expect.poll(() => worker.stats()).toMatchObject({ taken: 20, delivered: 20, pending: 0 });
    await worker.close();
    await expect(queue.counts()).rejects.toThrow('The queue is closed');
  });

  it('and the client goes on when the worker is closed', async () => {
    const queue = fleet.queue();
    const client = fleet.client({ queue });
    const worker = fleet.worker({ queue });
    await fleet.store(10, client);
    await expect.poll(() => worker.stats().delivered).toBe(10);
    await worker.close();
    await fleet.store(10, client);
    expect(await queue.counts()).toEqual({ waiting: 10, taken: 0, deadLetters: 0 });
    expect(client.stats()).toMatchObject({ accepted: 20, handedOver: 20, pending: 0 });
  });
});

describe('An event', () => {
  it('that is put twice is one job, also when it was delivered meanwhile', async () => {
    const order = { identity, eventId: 'order-7', data: { order: 7 } };
    const clients = [fleet.client(), fleet.client()];
    for (const client of clients) {
      client.track('order_placed', order);
      expect(await client.flush()).toMatchObject({ handedOver: 1, pending: 0 });
    }
    expect(await fleet.counts()).toEqual({ waiting: 1, taken: 0, deadLetters: 0 });
    const worker = fleet.worker();
    await expect.poll(() => worker.stats()).toMatchObject({ taken: 1, delivered: 1, pending: 0 });
    clients[0]?.track('order_placed', order);
    expect(await clients[0]?.flush()).toMatchObject({ handedOver: 1, pending: 0 });
    expect(await fleet.counts()).toEqual(nothing);
    expect(fleet.vero.arrivals).toHaveLength(1);
  });
});

describe('A worker that is closed', () => {
  it('gives back what it has, so that another need not wait for the end of a lease', async () => {
    const events = 10;
    fleet.vero.answer = ({ worker }) => (worker === 'worker-1' ? new Promise(() => {}) : { status: 200 });
    const first = fleet.worker({ delivery: { timeoutMs: 60_000 } });
    await fleet.store(events);
    await expect.poll(() => fleet.vero.arrivals.length).toBe(events);
    expect(await first.close({ timeout: 100 })).toMatchObject({
      delivered: 0,
      handedOver: events,
      pending: 0,
    });
    expect(await fleet.counts()).toEqual({ waiting: events, taken: 0, deadLetters: 0 });
    const second = fleet.worker();
    await expect.poll(() => second.stats()).toMatchObject({ taken: events, delivered: events, pending: 0 });
    expect(await fleet.counts()).toEqual(nothing);
  });
});
