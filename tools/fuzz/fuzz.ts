/** Tries random inputs on all that takes input from others: `pnpm fuzz [--minutes 10] [--seed 1] [target…]`. */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type Figures, fuzz } from './target.ts';
import { TARGETS } from './targets.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string' } },
});
const unknown = positionals.filter((name) => !TARGETS.some((target) => target.name === name));
if (unknown.length > 0) {
  console.error(`There is no target ${unknown.join(', ')}: ${TARGETS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const chosen = TARGETS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const seconds = (Number(values.minutes) * 60) / chosen.length;
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
if (!(seconds > 0) || !Number.isSafeInteger(seed)) {
  console.error('--minutes must be a number above 0, and --seed a whole number');
  process.exit(2);
}

const all: Figures[] = [];
for (const target of chosen) {
  console.error(`${target.name}: ${seconds.toFixed(0)} seconds, seed ${seed}`);
  const figures = await fuzz(target, { seconds, seed });
  if (figures.finding !== undefined) console.error(figures.finding);
  all.push(figures);
}

console.log(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus().length} cores, seed ${seed}\n`,
);
console.log('| target | what is tried | inputs | seconds | findings |\n|---|---|---|---|---|');
for (const { name, inputs, seconds: took, finding } of all) {
  const { what } = TARGETS.find((target) => target.name === name) ?? { what: '' };
  console.log(
    `| ${name} | ${what} | ${inputs.toLocaleString('en')} | ${took.toFixed(0)} | ${finding === undefined ? 0 : 1} |`,
  );
}
process.exitCode = all.some(({ finding }) => finding !== undefined) ? 1 : 0;
