import { inspect } from 'node:util';
import type { Vero } from '@verotrack/core';
import { startPostgres, type TestPostgres } from '@verotrack/test-postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { identity, LocalFleet } from './local-fleet.ts';

const CAPACITY = 20;
const TOO_MANY = 5;

let postgres: TestPostgres;
let fleet: LocalFleet;

beforeAll(async () => {
  postgres = await startPostgres({ own: true });
});

beforeEach(async () => {
  fleet = await LocalFleet.open(postgres.url);
});

afterEach(() => fleet.close());

afterAll(() => postgres.stop());

/** What a client told. */
function listen(client: Vero): { readonly errors: Error[]; readonly dropped: string[] } {
  const heard = { errors: [] as Error[], dropped: [] as string[] };
  client.on('error', ({ error }) => heard.errors.push(error));
  client.on('dropped', ({ reason }) => heard.dropped.push(reason));
  return heard;
}

function trackMore(client: Vero, count: number): void {
  for (let n = 0; n < count; n++) client.track('order_placed', { identity, data: { n } });
}

describe('While Postgres is away', () => {
  it('from the start or later, a client keeps what it can, and tells of the rest', async () => {
    const client = fleet.client({ on: { bufferCapacity: CAPACITY } });
    const { errors, dropped } = listen(client);
    for (const outage of [1, 2]) {
      await postgres.halt();
      trackMore(client, CAPACITY + TOO_MANY);
      expect(await client.flush({ timeout: 1_000 })).toMatchObject({
        handedOver: 0,
        dropped: TOO_MANY,
        pending: CAPACITY,
      });
      expect(dropped).toEqual(Array(outage * TOO_MANY).fill('overflow'));
      await expect.poll(() => errors.length).toBe(outage);
      await postgres.start();
      expect(await client.flush()).toMatchObject({ handedOver: CAPACITY, dropped: 0, pending: 0 });
      // Once for each time that it is away.
      expect(errors).toHaveLength(outage);
    }
    expect(client.stats()).toMatchObject({ accepted: 50, handedOver: 40, dropped: 10, pending: 0 });
    const worker = fleet.worker();
    await expect.poll(() => worker.stats().delivered).toBe(2 * CAPACITY);
    expect(errors.map(({ message }) => message)).toEqual(
      Array(2).fill(expect.stringMatching(/^The queue failed: Postgres can't be used, and is tried again: /)),
    );
    expect(inspect(errors, { depth: Number.POSITIVE_INFINITY })).not.toContain('tok_secret_');
  });

  it('a worker waits for it', async () => {
    await fleet.store(1);
    await postgres.halt();
    const worker = fleet.worker();
    const told = new Promise<Error>((resolve) => worker.on('error', ({ error }) => resolve(error)));
    expect(inspect(await told, { depth: Number.POSITIVE_INFINITY })).not.toContain('tok_secret_');
    await postgres.start();
    await expect.poll(() => worker.stats()).toMatchObject({ delivered: 1, pending: 0 });
  });

  it('a client can be closed, and says what it could not store', async () => {
    await postgres.halt();
    try {
      const client = fleet.client();
      const { dropped } = listen(client);
      trackMore(client, 3);
      expect(await client.close({ timeout: 300 })).toMatchObject({ handedOver: 0, dropped: 3, pending: 0 });
      expect(dropped).toEqual(['closed', 'closed', 'closed']);
    } finally {
      await postgres.start();
    }
  });
});
