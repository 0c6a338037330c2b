/** What the tests of all peers need. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, vi } from 'vitest';
import type { Answer, StandIn } from '../stand-in.ts';

export const CREDENTIAL = 'tok_secret_of_a_peer';

export const OK: Answer = { status: 200 };
export const UNAVAILABLE: Answer = { status: 503 };
export const BUSY_FOR_A_SECOND: Answer = { status: 429, headers: { 'retry-after': '1' } };
export const REDIRECT: Answer = { status: 302, headers: { location: '/elsewhere' } };

const METHODS = ['log', 'info', 'warn', 'error'] as const;

/** Peers log to the console: RudderStack always, the others on failures. */
export function silenceConsole(): void {
  vi.restoreAllMocks();
  for (const method of METHODS) vi.spyOn(console, method).mockImplementation(() => {});
}

export function expectSilence(): void {
  for (const method of METHODS) expect(console[method]).not.toHaveBeenCalled();
}

/** Milliseconds between the first request and the next. */
export const waited = ({ requests: [first, second] }: StandIn): number =>
  (second?.at ?? 0) - (first?.at ?? 0);

/** A second, as timers count it, which may be a little early. */
export const A_SECOND_MS = 990;

/** The redirect was followed, and nothing was told at its end. */
export function expectLostOnTheWay({ requests }: StandIn): void {
  const seen = requests.map(({ method, url, body }) => ({ method, path: url?.split('?')[0], body }));
  expect(seen).toMatchObject([{ method: 'POST' }, { method: 'GET', path: '/elsewhere', body: '' }]);
}

/** Runs a script in a process of its own until it ends by itself. */
export async function script(code: string): Promise<{ readonly exitCode: number; readonly output: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: join(import.meta.dirname, '../..'),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [output, [exitCode]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return { exitCode, output };
}
