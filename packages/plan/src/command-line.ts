import { parseArgs } from 'node:util';

export const USAGE: string = `Usage: verotrack-plan <entry> [options]

Prints what an application tracks. The entry is a module that exports: const plan = definePlan({ … })

  --json             print JSON, with the lines of the code, in place of Markdown
  --write <file>     write the plan to this file: JSON if its name ends so, otherwise Markdown
  --check <file>     compare the plan with this file, and exit with 1 if they do not agree
  --help, --version  show this, or the version`;

export interface CommandLine {
  readonly help: boolean;
  readonly version: boolean;
  readonly json: boolean;
  readonly entry: string | undefined;
  readonly write: string | undefined;
  readonly check: string | undefined;
}

/** @throws for what is no option, or not what the option takes */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      write: { type: 'string' },
      check: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'v' },
    },
  });
  const [entry, ...rest] = positionals;
  if (rest.length > 0) throw new Error(`There is one entry only, and "${rest[0]}" is too much.\n\n${USAGE}`);
  const { json = false, write, check, help = false, version = false } = values;
  if (write !== undefined && check !== undefined) throw new Error('--check or --write, not both');
  if (json && (write ?? check) !== undefined) {
    throw new Error('--json is for what is printed; a file is JSON if its name ends in .json');
  }
  return { help, version, json, entry, write, check };
}
