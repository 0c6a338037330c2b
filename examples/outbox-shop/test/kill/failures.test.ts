import { afterEach, expect, it } from 'vitest';
import { Harness } from './harness.ts';
import { randomOf, shuffled } from './random.ts';

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
/** For a longer run: TIMES=5 npx --yes pnpm@12 exec vitest run --project reliability outbox-shop */
const times = Number(process.env.TIMES ?? 1);
/** How often, beside the statements that fail (`fates.ts`). */
const FAILURES = { terminate: 20 * times, kill: 4 * times, restart: 2 * times };

let harness: Harness | undefined;

afterEach(async () => {
  await harness?.close();
  harness = undefined;
});

it('an order and its event are both there, or neither, whatever fails', {
  timeout: 120_000 * times,
}, async () => {
  const random = randomOf(seed);
  const shop = await Harness.open(random);
  harness = shop;
  const failures = Object.entries(FAILURES).flatMap(([kind, count]) => Array<string>(count).fill(kind));
  let terminated = 0;
  for (const failure of shuffled(failures, random)) {
    await shop.requests(10 + Math.floor(random() * 60));
    if (failure === 'terminate' && (await shop.terminateTransaction())) terminated++;
    if (failure === 'kill') await shop.killShop();
    if (failure === 'restart') await shop.postgres.restart();
    expect(await shop.halves()).toEqual([]);
  }
  await shop.endLoad();
  await expect.poll(() => shop.waiting(), { timeout: 90_000 }).toBe(0);

  const orders = await shop.orders();
  const delivered = shop.delivered();
  const { kill, restart } = FAILURES;
  console.log(
    `order and event, seed ${seed}: ${JSON.stringify({
      ...{ terminated, kill, restart, orders: orders.size, answered: shop.answered.length },
      ...{ delivered: new Set(delivered).size, duplicated: delivered.length - new Set(delivered).size },
      endings: shop.endings,
    })}`,
  );
  expect(new Set(delivered)).toEqual(orders);
  // No worker was killed: nothing is to be delivered again.
  expect(delivered).toHaveLength(orders.size);
  expect(shop.answered.filter((id) => !orders.has(id))).toEqual([]);
  expect(await shop.halves()).toEqual([]);
  expect(shop.crashes).toEqual([]);
  // What was to fail has failed.
  expect(terminated).toBeGreaterThan(0);
  expect(shop.endings).toMatchObject({
    'in stock': { 201: expect.any(Number), 500: expect.any(Number), 'no answer': expect.any(Number) },
    'sold out': { 409: expect.any(Number) },
    'slow stock': { 500: expect.any(Number) },
    'hurried event': { 500: expect.any(Number) },
    'refused commit': { 500: expect.any(Number) },
  });
  for (const fate of ['sold out', 'slow stock', 'refused commit']) {
    expect(shop.endings[fate]).not.toHaveProperty('201');
  }
});
