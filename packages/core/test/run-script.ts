import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'vitest';

/** Longer than a script takes to start, and shorter than anything that could keep it: retries, kept-alive connections. */
const SOON_MS = 20_000;

/** Runs a script of this folder until it ends by itself, without a complaint, and gives what it said, line by line. */
export async function runScript(file: string, args: readonly unknown[], url: string): Promise<unknown[]> {
  const script = spawn(process.execPath, [join(import.meta.dirname, file), ...args.map(String)], {
    env: { ...process.env, VERO_BASE_URL: url, NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: SOON_MS,
    killSignal: 'SIGKILL',
  });
  let [said, complained] = ['', ''];
  script.stdout.on('data', (chunk) => {
    said += String(chunk);
  });
  script.stderr.on('data', (chunk) => {
    complained += String(chunk);
  });
  const [code, signal] = await once(script, 'close');
  expect({ code, signal, complained }).toEqual({ code: 0, signal: null, complained: '' });
  return said
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown);
}
