import { expect, it } from 'vitest';
import { quickRun } from './quick-run.ts';

it('measures what accepting takes, in every queue and with every peer', { timeout: 120_000 }, async () => {
  const { report, charts } = await quickRun('accept');
  expect(report).toMatch(/\| Accept, memory queue \| ≤ 5 µs \| [\d.,]+ µs \|/);
  expect(report).toMatch(/pg-boss queue: stored soon after \| [\d.,]+ × /);
  expect(report).not.toMatch(/NaN|undefined/);
  expect(charts).toEqual(['accept-bytes.svg', 'accept-time.svg']);
});
