// The full count: node packages/sqlite/test/kill/run.ts --kills 200
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type Books, Harness } from './harness.ts';

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '200' }, closes: { type: 'string', default: '20' } },
});
const [kills, closes] = [Number(values.kills), Number(values.closes)];
/** The moment of an end is random within this time of the start. */
const WITHIN_MS = 1_000;
const rows: Record<string, unknown>[] = [];
const current: { harness?: Harness } = {};

process.on('SIGINT', () => void current.harness?.close().then(() => process.exit(130)));

async function measure(what: string, work: (harness: Harness) => Promise<void>, open = {}): Promise<void> {
  const harness = await Harness.open(open);
  current.harness = harness;
  try {
    const startedAt = Date.now();
    await work(harness);
    await harness.drain();
    const books = harness.books();
    const { waiting, deadLetters } = await harness.left();
    const { problems, kills: killed, ...counts } = books;
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    rows.push({ what, ends: killed || closes, ...counts, waiting, deadLetters, seconds });
    console.log(what, JSON.stringify(rows.at(-1)));
    for (const problem of new Set(problems)) console.log(`  told ${count(books, problem)} times: ${problem}`);
    if (books.lost + books.invented + books.unexplained + waiting + deadLetters > 0) process.exitCode = 1;
  } finally {
    await harness.close();
  }
}

function count({ problems }: Books, problem: string): number {
  return problems.filter((each) => each === problem).length;
}

async function closeRepeatedly(harness: Harness, mode: 'up' | 'flapping' | 'hanging'): Promise<void> {
  for (let i = 0; i < closes; i++) {
    await harness.vero.become(mode);
    await harness.start();
    await harness.letRun(WITHIN_MS);
    await harness.terminate();
  }
}

for (const [i, mode] of (['up', 'down', 'flapping'] as const).entries()) {
  const times = Math.floor(kills / 3) + (i < kills % 3 ? 1 : 0);
  await measure(`kill -9, Vero ${mode}`, (harness) => harness.killRepeatedly(times, mode, WITHIN_MS));
}
await measure('SIGTERM, close, Vero up', (harness) => closeRepeatedly(harness, 'up'));
await measure('SIGTERM, close, Vero flapping', (harness) => closeRepeatedly(harness, 'flapping'), {
  closeMs: 300,
});
await measure('SIGTERM, close, Vero hanging', (harness) => closeRepeatedly(harness, 'hanging'), {
  closeMs: 300,
});
async function killWorkers(harness: Harness): Promise<void> {
  for (let i = 0; i < closes; i++) {
    await harness.letRun(WITHIN_MS);
    harness.killOne();
    await harness.until(() => harness.pids.size === 4);
  }
}

await measure(
  'four workers, one killed again and again',
  async (harness) => {
    await harness.start();
    await killWorkers(harness);
  },
  { workers: 4 },
);
await measure(
  'the same, and the file locked again and again',
  async (harness) => {
    await harness.start();
    await harness.whileLocked(() => killWorkers(harness));
  },
  { workers: 4 },
);
console.log(`Node ${process.version}, ${availableParallelism()} cores`);
console.table(rows);
