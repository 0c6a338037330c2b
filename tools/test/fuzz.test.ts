import { expect, it } from 'vitest';
import { fuzz } from '../fuzz/target.ts';
import { TARGETS } from '../fuzz/targets.ts';

/** For each target; `pnpm fuzz` is for longer. */
const seconds = Number(process.env.FUZZ_SECONDS ?? 3);
/**
 * A new one each run: what was tried yesterday has been tried. A finding is a fault of ours whenever it is found, and names
 * its seed, with which `pnpm fuzz --seed` makes it again.
 */
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);

it.each(TARGETS)('$name: no random input is a finding', async (target) => {
  const { finding, inputs } = await fuzz(target, { seconds, seed });
  expect(finding, `seed ${seed}`).toBeUndefined();
  expect(inputs, 'nothing was tried').toBeGreaterThan(0);
});
