import { setTimeout as wait } from 'node:timers/promises';
import { Harness } from './harness.ts';

const harness = await Harness.open({ workers: 4 });
try {
  await harness.start();
  for (let i = 0; i < 10; i++) {
    await wait(1500);
    harness.killOne();
    await harness.until(() => harness.pids.size === 4);
  }
  await harness.drain();
  const { problems, ...rest } = harness.books();
  const kinds = new Map<string, number>();
  for (const p of problems) kinds.set(p, (kinds.get(p) ?? 0) + 1);
  console.log(JSON.stringify(rest), [...kinds]);
} finally {
  await harness.close();
}
