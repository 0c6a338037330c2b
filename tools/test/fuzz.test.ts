import { expect, it } from 'vitest';
import { seed } from '../fuzz/seed.ts';
import { fuzz } from '../fuzz/target.ts';
import { TARGETS } from '../fuzz/targets.ts';

/** For each target; `pnpm fuzz` is for longer. */
const seconds = Number(process.env.FUZZ_SECONDS ?? 3);

it.each(TARGETS)('$name: no random input is a finding', async (target) => {
  const { finding, inputs } = await fuzz(target, { seconds, seed });
  expect(finding, `seed ${seed}`).toBeUndefined();
  expect(inputs, 'nothing was tried').toBeGreaterThan(0);
});
