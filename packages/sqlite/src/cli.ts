#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  isQueueCommand,
  QUEUE_COMMAND_OPTIONS,
  QUEUE_COMMANDS_USAGE,
  runQueueCommand,
} from '@verotrack/core/queue';
import { sqliteQueue } from './sqlite-queue.ts';

const USAGE = `Usage: verotrack-sqlite <file> [command] [options]

${QUEUE_COMMANDS_USAGE}`;

const fail = (message: string): never => {
  process.stderr.write(`${message}\n`);
  process.exit(2);
};

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...QUEUE_COMMAND_OPTIONS,
      help: { type: 'boolean', short: 'h' },
    },
  });
  const [path, command = 'status', ...rest] = positionals;
  if (values.help || path === undefined) {
    process.stdout.write(`${USAGE}\n`);
  } else {
    if (rest.length > 0) fail(`There is one command only, and "${rest[0]}" is too much.\n\n${USAGE}`);
    if (!isQueueCommand(command)) fail(`There is no command "${command}".\n\n${USAGE}`);
    // Otherwise a typo would make a queue.
    if (!existsSync(path)) fail(`There is no file ${path}.`);
    const queue = sqliteQueue({ path });
    try {
      for (const line of await runQueueCommand(queue, command, values)) process.stdout.write(`${line}\n`);
    } finally {
      await queue.close();
    }
  }
} catch (thrown) {
  const { code, message } = thrown as NodeJS.ErrnoException;
  fail(code?.startsWith('ERR_PARSE_ARGS') ? `${message}\n\n${USAGE}` : message);
}
