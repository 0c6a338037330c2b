import { setTimeout as wait } from 'node:timers/promises';
import { startPostgres, type TestPostgres } from '@verotrack/test-postgres';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Answer } from '../answering-vero.ts';
import { LocalFleet } from '../local-fleet.ts';

const EVENTS = 20;
/** After so long pg-boss takes a worker for dead. */
const HEARTBEAT_SECONDS = 10;
const LOOKERS = 10;
/** So that at any time one of them looks after the queues soon, as each does every few seconds. */
const STAGGER_MS = 330;

let postgres: TestPostgres;
let fleet: LocalFleet;

beforeEach(async () => {
  postgres = await startPostgres({ own: true });
  fleet = await LocalFleet.open(postgres.url);
});

afterEach(async () => {
  await fleet.close();
  await postgres.stop();
});

it('What was in flight when Postgres went away is not sent again, however long it is away', {
  timeout: 120_000,
}, async () => {
  // Half of them are delivered while that can not be stored, and the others later.
  const whileAway = Promise.withResolvers<Answer>();
  const afterwards = Promise.withResolvers<Answer>();
  fleet.vero.answer = ({ data }) => (Number(data.n) % 2 === 0 ? whileAway : afterwards).promise;
  const on = { takeOverAfterSeconds: 2 * HEARTBEAT_SECONDS };
  await fleet.store(EVENTS, fleet.client({ on }));
  const workers: ReturnType<LocalFleet['worker']>[] = [];
  for (let i = 0; i < LOOKERS; i++) {
    workers.push(fleet.worker({ on, delivery: { timeoutMs: 60_000 } }));
    await wait(STAGGER_MS);
  }
  await expect.poll(() => fleet.vero.arrivals.length).toBe(EVENTS);
  await postgres.halt();
  whileAway.resolve({ status: 200 });
  // Nobody has been heard of for longer than that when it is back.
  await wait(1_200 * HEARTBEAT_SECONDS);
  await postgres.start();
  // Somebody looks after the queues twice, and everybody meanwhile for what may be taken.
  const atStart = await lookedAfter();
  await expect.poll(lookedAfter).toBeGreaterThan(atStart);
  const first = await lookedAfter();
  await expect.poll(lookedAfter).toBeGreaterThan(first);
  afterwards.resolve({ status: 200 });
  await expect.poll(() => fleet.counts()).toEqual({ waiting: 0, taken: 0, deadLetters: 0 });
  expect(fleet.vero.arrivals).toHaveLength(EVENTS);
  const delivered = workers.reduce((sum, worker) => sum + worker.stats().delivered, 0);
  expect(delivered).toBe(EVENTS);
});

/** When the queues were looked after, in milliseconds since 1970. */
async function lookedAfter(): Promise<number> {
  const [row] = await fleet.query<{ at: Date }>(
    `SELECT MAX(monitor_claim_on) AS at FROM ${fleet.schema}.queue`,
  );
  return Number(row?.at);
}
