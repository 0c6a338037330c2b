import { inspect } from 'node:util';
import type { Vero } from '@verotrack/core';
import type { VeroWorker } from '@verotrack/core/queue';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createOutbox } from '../src/index.ts';
import { authToken, identity, LocalFleet } from './local-fleet.ts';

let fleet: LocalFleet;

beforeEach(async () => {
  fleet = await LocalFleet.open();
});

afterEach(() => fleet.close());

/** What Vero says to one event after the other. */
const STATUSES = [400, 422, 429, 503, 401, 200];

it('No job, dead letter, error or log has the credential in it, whatever Vero says', async () => {
  const said: unknown[] = [];
  const logger = (message: string, code: string): void => void said.push([message, code]);
  const listen = (to: Vero | VeroWorker): void => {
    for (const name of ['error', 'retrying', 'rejected', 'dropped', 'paused'] as const) {
      to.on(name, (told) => said.push(told));
    }
  };
  const client = fleet.client({ logger });
  const outbox = createOutbox(client);
  let deadLetters = 0;
  for (const isHeard of [true, false]) {
    await fleet.store(STATUSES.length - 1, client);
    const transaction = {
      executeSql: async (text: string, values?: unknown[]) => ({ rows: await fleet.query(text, values) }),
    };
    await outbox(transaction).track('order_placed', { identity });
    await fleet.query(
      `UPDATE ${fleet.schema}.job SET data = data - 'body'
       WHERE id = (SELECT id FROM ${fleet.schema}.job WHERE state = 'created' AND name NOT LIKE '%.dead' LIMIT 1)`,
    );
    // One is damaged, and two are refused.
    deadLetters += 3;
    let answered = 0;
    fleet.vero.answer = ({ token }) => ({
      status: STATUSES[answered++] ?? 200,
      message: `not with ${token}`,
    });
    const worker = fleet.worker({ logger, delivery: { retry: { baseMs: 10, maxMs: 50 } } });
    if (isHeard) listen(worker);
    const before = said.length;
    await expect.poll(() => fleet.counts()).toEqual({ waiting: 0, taken: 0, deadLetters });
    expect(answered).toBeGreaterThanOrEqual(STATUSES.length);
    expect(said.length).toBeGreaterThan(before + 2);
    said.push(await worker.deadLetters.export(), worker, await worker.close());
  }
  expect(fleet.vero.arrivals.every(({ token }) => token === authToken)).toBe(true);
  const jobs = await fleet.query(`SELECT * FROM ${fleet.schema}.job`);
  expect(jobs.length).toBeGreaterThanOrEqual(2 * STATUSES.length);
  expect(inspect([jobs, said, client], { depth: Number.POSITIVE_INFINITY })).not.toContain('tok_secret_');
});
