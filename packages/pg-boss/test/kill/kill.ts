// pnpm fleet:kill, or node packages/pg-boss/test/kill/kill.ts --events 50000 --seed 7 --workers 4 --producers 3 --kills 24
import { parseArgs } from 'node:util';
import { AWAY, killEverything } from './kill-run.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '50000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
    workers: { type: 'string', default: '4' },
    producers: { type: 'string', default: '3' },
    kills: { type: 'string', default: '24' },
  },
});
const options = {
  events: Number(values.events),
  seed: Number(values.seed),
  workers: Number(values.workers),
  producers: Number(values.producers),
  kills: Number(values.kills),
};
console.log(`seed ${options.seed}`);
const { books, problems } = await killEverything(options);
console.log(JSON.stringify(books));
for (const problem of problems) console.log(`  told: ${problem}`);
const { lost, invented, unexplained, openBooks, notInTheTable, waiting, deadLetters } = books;
const isWhole =
  lost + invented + unexplained + openBooks + waiting + deadLetters === 0 && notInTheTable === 0;
process.exitCode = isWhole && problems.every((problem) => AWAY.test(problem)) ? 0 : 1;
