#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { run, USAGE } from './commands.ts';
import { sqliteQueue } from './sqlite-queue.ts';

const fail = (message: string): never => {
  process.stderr.write(`${message}\n`);
  process.exit(2);
};

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      name: { type: 'string' },
      reason: { type: 'string' },
      rate: { type: 'string' },
      'dry-run': { type: 'boolean' },
    },
  });
  const [path, command = 'status', ...rest] = positionals;
  if (values.help || path === undefined) {
    process.stdout.write(`${USAGE}\n`);
  } else {
    if (rest.length > 0) fail(`There is one command only, and "${rest[0]}" is too much.\n\n${USAGE}`);
    // Otherwise a typo would make a queue.
    if (!existsSync(path)) fail(`There is no file ${path}.`);
    const queue = sqliteQueue({ path });
    try {
      for (const line of await run(queue, command, values)) process.stdout.write(`${line}\n`);
    } finally {
      await queue.close();
    }
  }
} catch (thrown) {
  fail((thrown as Error).message);
}
