import { AsyncLocalStorage } from 'node:async_hooks';
import { type AttemptMessage, subscribe } from '@verotrack/core/diagnostics';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOutbox } from '../src/index.ts';
import { identity, LocalFleet } from './local-fleet.ts';
import { postgresUrl } from './servers.ts';

const request = new AsyncLocalStorage<string>();
const attempts: AttemptMessage[] = [];
let fleet: LocalFleet;
let ends: (() => void)[];

beforeAll(async () => {
  fleet = await LocalFleet.open();
  ends = [
    subscribe('created', (message) => {
      message.trace = request.getStore();
    }),
    subscribe('attempt:end', (attempt) => attempts.push(attempt)),
  ];
});
afterAll(async () => {
  for (const end of ends) end();
  await fleet.close();
});

describe('the trace context of an event', () => {
  it('comes to the worker that delivers it, from a client and from a transaction', async () => {
    const client = fleet.client();
    request.run('of-a-request', () => client.track('tracked', { identity }));
    expect(await client.flush()).toMatchObject({ handedOver: 1 });
    const db = new pg.Client({ connectionString: postgresUrl() });
    await db.connect();
    await db.query('BEGIN');
    await request.run('of-a-transaction', () => createOutbox(client)(db).track('stored', { identity }));
    await db.query('COMMIT');
    await db.end();
    const worker = fleet.worker();
    await expect.poll(() => worker.stats()).toMatchObject({ taken: 2, delivered: 2 });
    const facts = attempts.map(({ event, trace, client: { role } }) => ({ name: event.name, trace, role }));
    expect(facts.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: 'stored', trace: 'of-a-transaction', role: 'worker' },
      { name: 'tracked', trace: 'of-a-request', role: 'worker' },
    ]);
  });
});
