#!/usr/bin/env node
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type CommandLine, readCommandLine, USAGE } from './command-line.ts';
import type { Draft } from './entry.ts';
import { openInspector } from './inspector.ts';
import { isLoopback } from './options.ts';
import { lineOf } from './transfer.ts';

const MAX_UNREAD_BYTES = 8 * 1024 * 1024;
/** How long the last output may take. */
const END_MS = 500;

// Whoever only imports this, as a check of the package does, starts nothing.
if (import.meta.main) process.exitCode = await main(process.argv.slice(2));

/** @returns the exit code, once it is over */
async function main(args: readonly string[]): Promise<number> {
  try {
    const commandLine = readCommandLine(args);
    if (commandLine.help) process.stdout.write(`${USAGE}\n`);
    else if (commandLine.version) process.stdout.write(`${version()}\n`);
    else await run(commandLine);
    return 0;
  } catch (thrown) {
    process.stderr.write(`${explain(thrown as NodeJS.ErrnoException)}\n`);
    return 2;
  }
}

async function run({ open, json, options }: CommandLine): Promise<void> {
  const { inspector, store } = await openInspector(options);
  const say = (line: string) => (json ? process.stderr : process.stdout).write(`${line}\n`);
  const end = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end.abort());
  // Who read our output is gone.
  process.stdout.on('error', () => end.abort());
  try {
    say(`Open ${inspector.url} in a browser, and send events there.`);
    say(`With Verotrack: VERO_BASE_URL=${inspector.url}`);
    if (options.host !== undefined && !isLoopback(options.host)) warn(options.host);
    if (json) {
      const write = jsonWriter();
      store.listen((change) => {
        if (change.type !== 'entry') return;
        const { draft } = change.entry;
        if (draft.kind === 'event' || draft.kind === 'duplicate') write(draft);
      });
    }
    if (open) await openBrowser(inspector.url);
    say('Ctrl-C ends it.');
    if (!end.signal.aborted) await once(end.signal, 'abort');
  } finally {
    await inspector.close();
    // Output that nobody reads would hold the process.
    if (process.stdout.writableLength > 0) setTimeout(() => process.exit(), END_MS).unref();
  }
}

/** Whoever doesn't read gets less: what waits for him must not fill the memory. */
function jsonWriter(): (draft: Draft) => void {
  let isTold = false;
  return (draft) => {
    if (process.stdout.writableLength < MAX_UNREAD_BYTES) return void process.stdout.write(lineOf(draft));
    if (!isTold)
      process.stderr.write('Nobody reads the output: events are left out of it until somebody does.\n');
    isTold = true;
  };
}

function warn(host: string): void {
  process.stderr.write(
    `Warning: whoever reaches ${host} can see what is received here, and change it. There is no password.\n` +
      'The page opens under an IP address; for another name add --allow-host <name>.\n',
  );
}

async function openBrowser(url: string): Promise<void> {
  try {
    const { default: open } = await import('open');
    const browser = await open(url);
    browser.on('error', () => {});
  } catch (thrown) {
    process.stderr.write(`No browser could be opened: ${(thrown as Error).message}\n`);
  }
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return String(manifest.version);
}

function explain({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'EADDRINUSE') {
    return `The port is taken, perhaps by another inspector. End what uses it, or choose another: --port <number>.\n(${message})`;
  }
  if (code === 'EACCES')
    return `This port needs more rights. Choose one from 1024: --port <number>.\n(${message})`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return `This machine does not have the address of --host.\n(${message})`;
  }
  if (code?.startsWith('ERR_PARSE_ARGS')) return `${message}\n\n${USAGE}`;
  return message;
}
