import { isVeroError } from '@verotrack/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pgBossQueue } from '../src/index.ts';
import { LocalFleet } from './local-fleet.ts';
import { postgresUrl } from './servers.ts';

const INJECTIONS = [
  'a; DROP SCHEMA public CASCADE; --',
  "a'; DROP SCHEMA public CASCADE; --",
  'a"; DROP SCHEMA public CASCADE; --',
  '"a"; DROP SCHEMA public CASCADE; --"',
  '"a\'; DROP SCHEMA public CASCADE; --"',
  '"a$$; DROP SCHEMA public CASCADE; $$"',
  'a\\',
  'a.b',
  '%',
  '"a\u0000b"',
  'a\nb',
  '"',
  '""',
];

describe.each(INJECTIONS)('%j', (name) => {
  it.each(['schema', 'queue'] as const)('is no name of a %s', (option) => {
    let thrown: unknown;
    try {
      pgBossQueue({ connectionString: postgresUrl(), [option]: name });
    } catch (problem) {
      thrown = problem;
    }
    expect(isVeroError(thrown) && thrown.code).toBe('VERO_CONFIG');
  });
});

describe('events', () => {
  let fleet: LocalFleet;
  beforeEach(async () => {
    fleet = await LocalFleet.open();
  });
  afterEach(() => fleet.close());

  it('whose project, name, id and data are SQL arrive as they were, and nothing else happens', async () => {
    const [project = ''] = INJECTIONS.slice(1);
    const client = fleet.client({ project });
    for (const [n, name] of INJECTIONS.entries())
      client.track(name, { identity: { id: name }, eventId: name, data: { n, name } });
    expect(await client.flush()).toMatchObject({ handedOver: INJECTIONS.length, dropped: 0 });
    const worker = fleet.worker({ project });
    await expect.poll(() => worker.stats().delivered).toBe(INJECTIONS.length);
    const arrived = fleet.vero.arrivals.map(({ name, data }) => [name, data.name]);
    expect(arrived.toSorted()).toEqual(INJECTIONS.map((name) => [name, name]).toSorted());
    expect(await fleet.query(`SELECT 1 FROM pg_namespace WHERE nspname = 'public'`)).toHaveLength(1);
  });
});
