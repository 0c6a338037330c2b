#!/usr/bin/env node
import { readFileSync, writeFileSync } from 'node:fs';
import { type CommandLine, readCommandLine, USAGE } from './command-line.ts';
import { planOfEntry } from './entry.ts';
import { toMarkdown } from './markdown.ts';
import { type TrackingPlan, toJson } from './plan.ts';
import { jsonDifferences, markdownDifferences } from './plan-differences.ts';

/** What a run ends with. */
interface Result {
  readonly code: 0 | 1 | 2;
  readonly out?: string;
  readonly err?: string;
}

const print = process.stdout.write.bind(process.stdout);
const DIFFERS = 1;
const WRONG = 2;

// Whoever only imports this, as a check of the package does, starts nothing.
if (import.meta.main) end(await main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<Result> {
  try {
    const commandLine = readCommandLine(args);
    if (commandLine.version) return { code: 0, out: `${version()}\n` };
    if (commandLine.help || commandLine.entry === undefined) return { code: 0, out: `${USAGE}\n` };
    return await run(commandLine, commandLine.entry);
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    return {
      code: WRONG,
      err: code?.startsWith('ERR_PARSE_ARGS') ? `${message}\n\n${USAGE}\n` : `${message}\n`,
    };
  }
}

async function run({ json, write, check }: CommandLine, entry: string): Promise<Result> {
  // Whatever it does when it loads, an application that is only read sends nothing, and needs no token.
  process.env.VERO_ENABLED = 'false';
  // An event that is not in the catalogue is to be in the plan's list of these, and not the end.
  Object.assign(globalThis, { [Symbol.for('verotrack.reads-plan')]: true });
  // What it prints must not get into the plan.
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
  const plan = await planOfEntry(entry);
  const err = plan.warnings.map((warning) => `Warning: ${warning}\n`).join('');
  if (check !== undefined) return checked(check, plan, entry, err);
  if (write === undefined)
    return { code: 0, out: json ? `${JSON.stringify(plan, null, 2)}\n` : toMarkdown(plan), err };
  writeFileSync(write, isJson(write) ? toJson(plan) : toMarkdown(plan));
  return { code: 0, out: `Wrote ${write}.\n`, err };
}

function checked(file: string, plan: TrackingPlan, entry: string, err: string): Result {
  const write = `npx @verotrack/plan ${entry} --write ${file}`;
  let differences: string[];
  try {
    const kept = readFileSync(file, 'utf8');
    differences = isJson(file) ? jsonDifferences(kept, plan) : markdownDifferences(kept, plan);
  } catch (thrown) {
    const message = `${file} can't be compared: ${(thrown as Error).message}\nTo write it: ${write}\n`;
    return { code: WRONG, err: err + message };
  }
  if (differences.length === 0) return { code: 0, out: `${file} agrees with the code.\n`, err };
  const lines = [`${file} does not agree with the code (+ is only in the code, - only in the file):`];
  lines.push(...differences.map((line) => `  ${line}`), `If the code is right: ${write}`);
  return { code: DIFFERS, err: `${err}${lines.join('\n')}\n` };
}

function isJson(file: string): boolean {
  return file.toLowerCase().endsWith('.json');
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return String(manifest.version);
}

/** Ends the process, once the output is out: the application may hold timers, sockets or a pool open. */
function end({ code, out = '', err = '' }: Result): void {
  // Who read our output is gone.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => process.exit(code));
  process.stderr.write(err, () => print(out, () => process.exit(code)));
}
