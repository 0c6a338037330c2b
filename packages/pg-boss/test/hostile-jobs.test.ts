import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { seed } from '../../../tools/fuzz/seed.ts';
import { LocalFleet } from './local-fleet.ts';

let fleet: LocalFleet;

beforeEach(async () => {
  fleet = await LocalFleet.open();
});

afterEach(() => fleet.close());

const HOSTILE = 150;
const INTACT = 10;

const values = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    0,
    -1,
    1e308,
    '',
    'default',
    [],
    {},
    '{"event_name":"n"}',
    "'; DROP TABLE job; --",
  ),
  fc.json().map((text) => JSON.parse(text) as unknown),
);
const members = [
  'v',
  'id',
  'kind',
  'project',
  'name',
  'acceptedAt',
  'attempts',
  'notBefore',
  'body',
  'trace',
];
/** All of a job's data, or some of its members. */
const changes = fc.oneof(
  values.map((whole) => ({ whole })),
  fc.dictionary(fc.constantFrom(...members), values, { minKeys: 1, maxKeys: 3 }).map((some) => ({ some })),
);

it('Jobs with any JSON as their data keep nobody from the others, and none of them is lost', async () => {
  await fleet.store(HOSTILE + INTACT);
  const jobs = await fleet.query<{ id: string }>(`SELECT id FROM ${fleet.schema}.job`);
  const storable = (value: object): string => JSON.stringify(value).replaceAll(/\\u(0000|d[89a-f]..)/gi, '');
  for (const [n, change] of fc.sample(changes, { seed, numRuns: HOSTILE }).entries()) {
    const sql =
      'whole' in change
        ? `UPDATE ${fleet.schema}.job SET data = ($2::jsonb)->'whole' WHERE id = $1`
        : `UPDATE ${fleet.schema}.job SET data = data || (($2::jsonb)->'some') WHERE id = $1`;
    await fleet.query(sql, [jobs[n]?.id, storable(change)]);
  }
  const errors: string[] = [];
  const worker = fleet.worker();
  worker.on('error', ({ error }) => errors.push(error.code));
  const intact = new Set(Array.from({ length: INTACT }, (_, index) => HOSTILE + index));
  const arrived = (): number[] =>
    fleet.vero.arrivals.map(({ data }) => Number(data?.n)).filter((n) => intact.has(n));
  await expect.poll(() => new Set(arrived()).size, { message: `seed ${seed}` }).toBe(INTACT);
  await expect.poll(async () => (await fleet.counts()).taken, { message: `seed ${seed}` }).toBe(0);
  const { waiting, deadLetters } = await fleet.counts();
  const { delivered } = worker.stats();
  expect(delivered + waiting + deadLetters, `seed ${seed}`).toBeGreaterThanOrEqual(HOSTILE + INTACT);
  expect(
    errors.filter((code) => code !== 'VERO_QUEUE'),
    `seed ${seed}`,
  ).toEqual([]);
  await worker.deadLetters.list();
  await worker.deadLetters.export();
});
