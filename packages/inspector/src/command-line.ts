import { parseArgs } from 'node:util';
import type { InspectorOptions } from './options.ts';

export const DEFAULT_PORT = 4004;
const DEFAULT_DEDUPE_MS = 300_000;

export const USAGE: string = `Usage: verotrack-inspector [options]

A local Vero: takes events on your own machine, and shows them in a page.

  --port <number>       listen there (default ${DEFAULT_PORT}; 0 takes a free one)
  --host <address>      listen on this address (default 127.0.0.1: this machine only)
  --allow-host <name>   take this name in a Host header too, such as that of a compose service; may be repeated
  --db <file>           keep what is received in this SQLite file (default: in memory)
  --max-events <number> keep so many events, and forget the oldest (default 10000)
  --dedupe-ms <number>  treat the same event within so many milliseconds as a duplicate, as Vero does
                        (default ${DEFAULT_DEDUPE_MS}; 0 marks duplicates in the page, and no more)
  --open                open the page in a browser
  --json                write each event to stdout as a line of JSON, and everything else to stderr
  --help, --version     show this, or the version`;

export interface CommandLine {
  readonly help: boolean;
  readonly version: boolean;
  readonly open: boolean;
  readonly json: boolean;
  readonly options: InspectorOptions;
}

/** @throws for what is no option, or not what the option takes */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string' },
      host: { type: 'string' },
      'allow-host': { type: 'string', multiple: true },
      db: { type: 'string' },
      'max-events': { type: 'string' },
      'dedupe-ms': { type: 'string' },
      open: { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'v' },
    },
  });
  const dedupeMs = number('dedupe-ms', values['dedupe-ms'], 0) ?? DEFAULT_DEDUPE_MS;
  return {
    help: values.help ?? false,
    version: values.version ?? false,
    open: values.open ?? false,
    json: values.json ?? false,
    options: {
      port: number('port', values.port, 0, 65_535) ?? DEFAULT_PORT,
      host: values.host,
      // Whoever names another address means it. The command warns.
      allowRemote: values.host !== undefined,
      allowHosts: values['allow-host'],
      database: values.db,
      maxEvents: number('max-events', values['max-events'], 1),
      dedupe: dedupeMs === 0 ? undefined : { windowMs: dedupeMs },
    },
  };
}

function number(
  name: string,
  text: string | undefined,
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`;
    throw new Error(`--${name} must be a whole number ${range}`);
  }
  return value;
}
