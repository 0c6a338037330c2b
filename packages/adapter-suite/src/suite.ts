import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Answer, Bench, TOKEN } from './bench.ts';
import type { Expected, ExpectedEvent, Host, Scenario } from './scenario.ts';
import { scenarios } from './scenarios/index.ts';

/** How long the library lets a callback take. */
const CALLBACK_TIMEOUT_MS = 5_000;

/** The behaviour that every adapter has, run on a real server over real connections. */
export function adapterSuite(host: Host): void {
  describe(`on ${host.name}, a request`, () => {
    beforeEach(shortenCallbackTimeout);
    afterEach(() => void vi.restoreAllMocks());

    for (const scenario of scenarios.filter((each) => isFor(host, each))) {
      it(scenario.name, async () => {
        await withBench(host, scenario, async (bench) => {
          const exercise = scenario.exercise ?? ((it: Bench) => oneRequest(it, scenario));
          await exercise(bench);
          await bench.settle();
          const isBlind = !host.seesResponse && scenario.expectedBlind !== undefined;
          expectOutcome(bench, (isBlind ? scenario.expectedBlind : scenario.expected) as Expected);
          scenario.check?.(bench.inspector.events());
        });
      });
    }
  });
}

/** Opens a scenario's application, and has it closed and its books checked after `test`. */
export async function withBench(
  host: Host,
  scenario: Scenario,
  test: (bench: Bench) => Promise<void>,
): Promise<void> {
  const bench = await Bench.open(host, scenario);
  try {
    await test(bench);
    await bench.settle();
    for (const vero of bench.clients) {
      const { accepted, delivered, invalid: _, openScopes, deferred, pending, dropped } = vero.stats();
      expect({ delivered, openScopes, deferred, pending, dropped }).toEqual({
        delivered: accepted,
        openScopes: 0,
        deferred: 0,
        pending: 0,
        dropped: 0,
      });
    }
    expect(JSON.stringify([bench.told, bench.inspector.events()]).includes(TOKEN)).toBe(false);
  } finally {
    await bench.close();
  }
}

export function expectOutcome(bench: Bench, expected: Expected): void {
  const { told, inspector } = bench;
  const events = inspector.events().map((event) => ({
    name: event.name,
    by: event.identity.id,
    ...(event.data === undefined ? {} : { data: event.data }),
  }));
  expect(sorted(events)).toEqual(sorted(expected.events));
  for (const { identity } of inspector.events()) {
    expect(identity).toMatchObject({ email: `${identity.id}@example.com` });
    expect(identity).not.toHaveProperty('passwordHash');
  }
  expect(told.error.map(({ callback, error }) => callback ?? error.code).toSorted()).toEqual(
    (expected.failed ?? []).toSorted(),
  );
  expect(told.invalid.map(({ name }) => name).toSorted()).toEqual((expected.invalid ?? []).toSorted());
  if (!expected.skipped) return;
  expect(told.skipped.map(({ name, reason }) => `${name}: ${reason}`).toSorted()).toEqual(
    expected.skipped.toSorted(),
  );
}

async function oneRequest(bench: Bench, { status = 200 }: Scenario): Promise<void> {
  const answer: Answer = await bench.send();
  expect(answer.status).toBe(status);
}

function sorted(events: readonly ExpectedEvent[]): ExpectedEvent[] {
  const key = ({ name, by, data }: ExpectedEvent): string => JSON.stringify([name, by, data]);
  return events.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** A callback that hangs is given up after five seconds; here, soon. */
function shortenCallbackTimeout(): void {
  const { setTimeout: real } = globalThis;
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, ms?: number, ...args: []) =>
    real(run, ms === CALLBACK_TIMEOUT_MS ? 50 : ms, ...args)) as typeof setTimeout);
}

function isFor({ kind, seesErrors }: Host, scenario: Scenario): boolean {
  return (scenario.kind ?? kind) === kind && (seesErrors || !scenario.needsErrors);
}
