import { expect, it } from 'vitest';
import { fuzz } from '../fuzz/target.ts';
import { TARGETS } from '../fuzz/targets.ts';

/** For each target; `pnpm fuzz` is for longer. */
const seconds = Number(process.env.FUZZ_SECONDS ?? 3);
/** Stays: a change must not be refused for what dice find. Others are tried every night, by `pnpm fuzz`. */
const seed = Number(process.env.FUZZ_SEED ?? 20261128);

it.each(TARGETS)('$name: no random input is a finding', async (target) => {
  const { finding, inputs } = await fuzz(target, { seconds, seed });
  expect(finding, `seed ${seed}`).toBeUndefined();
  expect(inputs, 'nothing was tried').toBeGreaterThan(0);
});
