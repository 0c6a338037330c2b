/**
 * Measures everything side by side, and writes `docs/benchmarks.md`.
 *
 *     node benchmarks/src/main.ts [suite…] [--quick] [--report] [--out folder]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine, QUIET_LOAD } from './machine.ts';
import { writeReport } from './report/report.ts';
import { keep, keptResults } from './results.ts';
import { suites } from './suites.ts';

const ROOT = join(import.meta.dirname, '../..');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** Shows that everything runs, with tiny numbers and without a build. */
    quick: { type: 'boolean', default: false },
    /** Measures nothing. */
    report: { type: 'boolean', default: false },
    /** Where results and report go, instead of into the project. */
    out: { type: 'string' },
  },
});
const { quick: isQuick, report: isReportOnly } = values;
for (const name of positionals) {
  if (!suites.some((suite) => suite.name === name)) {
    throw new Error(`No suite "${name}". There are: ${suites.map((suite) => suite.name).join(', ')}`);
  }
}

const out = values.out ?? (isQuick ? mkdtempSync(join(tmpdir(), 'verotrack-bench-')) : undefined);
const results = out ? join(out, 'results') : join(ROOT, 'benchmarks/results');
const docs = out ?? join(ROOT, 'docs');
const start = performance.now();
const log = (line: string): void => {
  const seconds = ((performance.now() - start) / 1_000).toFixed(0);
  console.log(`${seconds.padStart(5)} s  ${line}`);
};

// Before there is any work of ours.
const machine = describeMachine();
if (machine.load > QUIET_LOAD) log(`The machine is busy: load ${machine.load.toFixed(2)}`);
if (isQuick) process.env.BENCHMARKS_FROM = 'sources';
else if (!isReportOnly) build();

for (const suite of isReportOnly ? [] : suites) {
  if (positionals.length > 0 && !positionals.includes(suite.name)) continue;
  log(suite.title);
  const date = new Date().toISOString();
  const result = await suite.run({ isQuick, log: (line) => log(`  ${line}`) });
  keep(results, { suite: suite.name, title: suite.title, date, machine, result });
  report();
}
if (isReportOnly) report();
log(`Written: ${join(docs, 'benchmarks.md')}`);

function report(): void {
  writeReport(docs, keptResults(results, suites), isQuick);
}

function build(): void {
  log('Build');
  execFileSync('npx', ['--yes', 'pnpm@12', 'build'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
}
