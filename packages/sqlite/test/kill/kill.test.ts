import { afterEach, describe, expect, it } from 'vitest';
import { type Books, CONCURRENCY, Harness } from './harness.ts';
import type { Mode } from './local-vero.ts';

// Two hundred and more, and what else can end a process: node packages/sqlite/test/kill/run.ts
const KILLS: Readonly<Record<Exclude<Mode, 'hanging'>, number>> = { up: 14, down: 13, flapping: 13 };

let harness: Harness | undefined;

afterEach(async () => {
  await harness?.close();
  harness = undefined;
});

describe('a process killed under load', () => {
  for (const mode of ['up', 'down', 'flapping'] as const) {
    it(`loses nothing and invents nothing, with Vero ${mode}`, { timeout: 180_000 }, async () => {
      harness = await Harness.open();
      await harness.killRepeatedly(KILLS[mode], mode);
      await harness.drain();
      const books = harness.books();
      console.log(`kill -9, Vero ${mode}: ${JSON.stringify(books)}`);
      expectWhole(books);
      expect(books.accepted).toBeGreaterThan(KILLS[mode]);
      expect(await harness.left()).toEqual({ waiting: 0, deadLetters: 0 });
    });
  }
});

function expectWhole(books: Books): void {
  // Whatever arrived twice came from two runs, of which the first was killed with no more than this in flight.
  const { kills, accepted, duplicated, mostOfOneRun } = books;
  expect(books).toMatchObject({ delivered: accepted, lost: 0, invented: 0, unexplained: 0, problems: [] });
  expect(mostOfOneRun).toBeLessThanOrEqual(CONCURRENCY);
  expect(duplicated).toBeLessThanOrEqual(kills * CONCURRENCY);
}
