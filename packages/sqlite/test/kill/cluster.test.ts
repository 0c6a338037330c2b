import { afterEach, describe, expect, it } from 'vitest';
import { CONCURRENCY, Harness } from './harness.ts';

let harness: Harness | undefined;

afterEach(async () => {
  await harness?.close();
  harness = undefined;
});

describe('four workers that share a file', () => {
  it('deliver everything, also what one of them had when it was killed', { timeout: 240_000 }, async () => {
    harness = await Harness.open({ workers: 4 });
    await harness.start();
    await harness.until(() => harness!.answered > 500);
    harness.killOne();
    await harness.until(() => harness!.pids.size === 4);
    const answered = harness.answered;
    await harness.until(() => harness!.answered > answered + 500);
    await harness.drain();
    const books = harness.books();
    console.log(`four workers: ${JSON.stringify(books)}`);
    expect(books.kills).toBe(1);
    await expectWhole(harness);
  });

  it('lose nothing when they are killed while something else has the file locked', {
    timeout: 240_000,
  }, async () => {
    harness = await Harness.open({ workers: 4 });
    await harness.start();
    await harness.whileLocked(async () => {
      for (let i = 0; i < 8; i++) {
        const { spills } = harness!;
        await harness!.until(() => harness!.spills > spills);
        harness!.killOne();
        await harness!.until(() => harness!.pids.size === 4);
      }
    });
    await harness.drain();
    console.log(`four workers, the file locked: ${JSON.stringify(harness.books())}`);
    await expectWhole(harness);
  });
});

async function expectWhole(shop: Harness): Promise<void> {
  const books = shop.books();
  expect(books).toMatchObject({
    delivered: books.accepted,
    lost: 0,
    invented: 0,
    unexplained: 0,
    problems: [],
  });
  expect(books.mostOfOneRun).toBeLessThanOrEqual(CONCURRENCY);
  expect(await shop.left()).toEqual({ waiting: 0, deadLetters: 0 });
}
