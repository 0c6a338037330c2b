import { expect, it } from 'vitest';
import { AWAY, killEverything } from './kill-run.ts';
import { CONCURRENCY } from './messages.ts';

// The full count on the Node that this workspace brings; on the others, which have the same code to run, fewer.
const IS_MAIN = process.versions.node.startsWith('24.');
const EVENTS = IS_MAIN ? 50_000 : 15_000;
const KILLS = IS_MAIN ? 24 : 12;

// By hand, and with other seeds: pnpm fleet:kill --seed 7
it('A fleet whose processes are killed and whose Postgres is restarted loses nothing and invents nothing', {
  timeout: 600_000,
}, async () => {
  const seed = Math.floor(Math.random() * 1_000_000);
  console.log(`a fleet under kill -9: seed ${seed}`);
  const { books, problems } = await killEverything({
    events: EVENTS,
    seed,
    workers: 4,
    producers: 3,
    kills: KILLS,
  });
  console.log(`a fleet under kill -9: ${JSON.stringify(books)}`);
  const { accepted, killedWorkers, killedProducers, restarts } = books;
  expect(accepted).toBeGreaterThanOrEqual(EVENTS);
  expect(Math.min(killedWorkers, killedProducers, restarts)).toBeGreaterThan(1);
  expect(books).toMatchObject({ delivered: accepted, lost: 0, invented: 0, openBooks: 0, notInTheTable: 0 });
  expect(books).toMatchObject({ waiting: 0, taken: 0, deadLetters: 0 });
  // Whatever came twice was in flight when the worker was killed that had it first.
  expect(books.unexplained).toBe(0);
  expect(books.mostOfOneWorker).toBeLessThanOrEqual(CONCURRENCY);
  expect(problems.filter((problem) => !AWAY.test(problem))).toEqual([]);
});
