import { setTimeout as wait } from 'node:timers/promises';
import { startPostgres, type TestPostgres } from '@verotrack/test-postgres';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Answer } from '../answering-vero.ts';
import { LocalFleet } from '../local-fleet.ts';

const EVENTS = 20;
/** After so long pg-boss takes a worker for dead. */
const HEARTBEAT_SECONDS = 10;

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
  const { promise: answer, resolve: answerAll } = Promise.withResolvers<Answer>();
  fleet.vero.answer = () => answer;
  await fleet.store(EVENTS);
  // Each looks after the queues at moments of its own.
  const workers: ReturnType<LocalFleet['worker']>[] = [];
  for (let i = 0; i < 8; i++) {
    const on = { takeOverAfterSeconds: 2 * HEARTBEAT_SECONDS };
    workers.push(fleet.worker({ on, delivery: { timeoutMs: 30_000 } }));
    await wait(220);
  }
  await expect.poll(() => fleet.vero.arrivals.length).toBe(EVENTS);
  await postgres.halt();
  answerAll({ status: 200 });
  // Nobody has been heard of for longer than that when it is back.
  await wait(1_200 * HEARTBEAT_SECONDS);
  await postgres.start();
  await expect.poll(() => fleet.counts()).toEqual({ waiting: 0, taken: 0, deadLetters: 0 });
  expect(fleet.vero.arrivals).toHaveLength(EVENTS);
  const delivered = workers.reduce((sum, worker) => sum + worker.stats().delivered, 0);
  expect(delivered).toBe(EVENTS);
});
