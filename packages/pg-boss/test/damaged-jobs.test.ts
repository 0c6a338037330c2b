import { afterEach, beforeEach, expect, it } from 'vitest';
import { LocalFleet } from './local-fleet.ts';

let fleet: LocalFleet;

beforeEach(async () => {
  fleet = await LocalFleet.open();
});

afterEach(() => fleet.close());

/** What somebody who may write to the table can do to a job, by the number of its event. */
const DAMAGES: readonly (readonly [what: string, change: string, reason: RegExp])[] = [
  ['a body that is cut', `'{body}', to_jsonb(left(data->>'body', 20))`, /^damaged: its body is not JSON$/],
  ['a body in a list', `'{body}', jsonb_build_array(data->'body')`, /^damaged: its body is no text$/],
  ['no body', `'{body}', 'null'`, /^damaged: its body is no object$/],
  ['a body of another event', `'{name}', '"refunded"'`, /^damaged: its body is of another event$/],
  [
    'no identity',
    `'{body}', to_jsonb('{"event_name":"order_placed"}'::text)`,
    /^damaged: its body has no identity$/,
  ],
  [
    'a credential',
    `'{body}', to_jsonb('{"auth_token":"tok_secret_of_another",' || substr(data->>'body', 2))`,
    /^damaged: its body has a credential in it$/,
  ],
];

it('A job that was damaged in the table becomes a dead letter, and is told; the others are delivered', async () => {
  const intact = 5;
  await fleet.store(DAMAGES.length + intact);
  const jobs = await fleet.query<{ id: string }>(`SELECT id FROM ${fleet.schema}.job`);
  for (const [n, [, change]] of DAMAGES.entries()) {
    const damage = `UPDATE ${fleet.schema}.job SET data = jsonb_set(data, ${change}) WHERE id = $1`;
    await fleet.query(damage, [jobs[n]?.id]);
  }
  const errors: string[] = [];
  const worker = fleet.worker();
  worker.on('error', ({ error }) => errors.push(error.message));
  await expect.poll(() => fleet.counts()).toEqual({ waiting: 0, taken: 0, deadLetters: DAMAGES.length });
  expect(worker.stats()).toMatchObject({ delivered: intact, rejected: 0, pending: 0 });
  expect(fleet.vero.arrivals).toHaveLength(intact);
  const letters = await worker.deadLetters.list();
  for (const [what, , reason] of DAMAGES) {
    expect(
      letters.filter((letter) => reason.test(letter.reason)),
      what,
    ).toHaveLength(1);
  }
  const told = errors.filter((message) => message.includes("can't be sent, and is kept as a dead letter"));
  expect(told).toHaveLength(DAMAGES.length);
});
