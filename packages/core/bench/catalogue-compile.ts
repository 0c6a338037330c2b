/**
 * What a catalogue costs the compiler: `tsc` on a project that does nothing but emit 200 events in 200 places, with a
 * catalogue of them and without, by turns. For an idle machine.
 *
 *     node packages/core/bench/catalogue-compile.ts
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { CatalogueProjects, LIBRARIES } from './catalogue-project.ts';

const RUNS = 9;
const tsc = join(import.meta.dirname, '../../../node_modules/typescript/bin/tsc');

using projects = new CatalogueProjects();
const kinds = [
  { name: 'no catalogue', config: projects.write({}) },
  ...LIBRARIES.flatMap((library) => [
    { name: `${library}: schemas beside it`, config: projects.write({ library }) },
    { name: `${library}: a catalogue`, config: projects.write({ library, isCatalogue: true }) },
  ]),
].map((kind) => ({ ...kind, times: [] as number[] }));

for (let run = 0; run < RUNS; run++) for (const { config, times } of kinds) times.push(compile(config));
for (const { name, times } of kinds) console.log(`${name}: ${median(times).toFixed(0)} ms`);

/** How long the compiler takes, in milliseconds; it must find nothing wrong. */
function compile(config: string): number {
  const start = performance.now();
  execFileSync(process.execPath, [tsc, '-p', config], { stdio: 'inherit' });
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
