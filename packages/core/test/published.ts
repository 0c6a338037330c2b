import { expect } from 'vitest';
import { openClients, subscribe, type VeroDiagnostics } from '../src/diagnostics.ts';
import type { Vero } from '../src/index.ts';

const COUNTED = [
  'accepted',
  'taken',
  'handedOver',
  'delivered',
  'rejected',
  'dropped',
  'retrying',
  'invalid',
  'skipped',
] as const satisfies readonly (keyof VeroDiagnostics)[];

type Counts = Record<(typeof COUNTED)[number], number>;

/** What a client published. */
export interface Published {
  readonly counts: Counts;
  /** The first of its messages. */
  readonly some: unknown[];
  stop(): void;
}

/** Counts from now on what the client that was made last publishes. */
export function countPublished(): Published {
  const client = openClients().at(-1);
  const counts = Object.fromEntries(COUNTED.map((name) => [name, 0])) as Counts;
  const some: unknown[] = [];
  const ends = COUNTED.map((name) =>
    subscribe(name, (message) => {
      if (message.client !== client) return;
      counts[name]++;
      if (some.length < 20) some.push(message);
    }),
  );
  return { counts, some, stop: () => ends.forEach((end) => void end()) };
}

/** Whoever counts what is published has the client's books. */
export function expectPublished(vero: Vero, { counts }: Published): void {
  const { accepted, taken, handedOver, delivered, rejected, dropped, retries, invalid, skipped } =
    vero.stats();
  const skippedInAll = Object.values(skipped).reduce((sum, count) => sum + count, 0);
  expect(counts).toEqual({
    accepted,
    taken,
    handedOver,
    delivered,
    rejected,
    dropped,
    retrying: retries,
    invalid,
    skipped: skippedInAll,
  });
}
