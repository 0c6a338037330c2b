#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { runQueueCommand, VeroError } from '@verotrack/core/queue';
import { type CommandLine, type LookCommand, readCommandLine, USAGE, UsageError } from './command-line.ts';
import { pgBossQueue } from './pg-boss-queue.ts';
import { schemaSql } from './schema-sql.ts';
import { runWorker } from './worker-command.ts';

/** How long the last output, and what is left of connections, may hold the process. */
const END_MS = 500;

// Whoever only imports this, as a check of the package does, starts nothing.
if (import.meta.main) {
  process.exitCode = await main(process.argv.slice(2));
  setTimeout(() => process.exit(), END_MS).unref();
}

/** @returns the exit code, once it is over: 2 for a wrong use, 1 for what failed */
async function main(args: readonly string[]): Promise<number> {
  try {
    return await run(readCommandLine(args, process.env));
  } catch (thrown) {
    const isUsage = thrown instanceof UsageError;
    process.stderr.write(`${(thrown as Error).message}\n${isUsage ? `\n${USAGE}\n` : ''}`);
    return isUsage || (thrown instanceof VeroError && thrown.code === 'VERO_CONFIG') ? 2 : 1;
  }
}

async function run(line: CommandLine): Promise<number> {
  switch (line.command) {
    case 'help':
      print(USAGE);
      return 0;
    case 'version':
      print(version());
      return 0;
    case 'sql':
      print(await schemaSql(line));
      return 0;
    case 'worker':
      return await runWorker(line);
    case 'look':
      await look(line);
      return 0;
  }
}

async function look({ queue: options, name, options: which }: LookCommand): Promise<void> {
  const queue = pgBossQueue(options);
  try {
    for (const line of await runQueueCommand(queue, name, which)) print(line);
  } finally {
    await queue.close();
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return String(manifest.version);
}
