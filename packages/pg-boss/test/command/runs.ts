import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createVero } from '@verotrack/core';
import { type Inspector, startInspector } from '@verotrack/inspector';
import { expect, onTestFinished } from 'vitest';
import { pgBossQueue } from '../../src/index.ts';
import { postgresUrl } from '../servers.ts';

export const CLI = join(import.meta.dirname, '../../src/cli.ts');
export const TOKEN = 'tok_secret_command';
export const identity = { id: '42' };

export interface Run {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  readonly code: Promise<number | null>;
}

export function run(args: readonly string[], env: NodeJS.ProcessEnv = {}, cli: string = CLI): Run {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', cli, ...args], {
    env: { ...process.env, DATABASE_URL: postgresUrl(), VERO_AUTH_TOKEN: TOKEN, ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const code = once(child, 'close').then(([exitCode]) => {
    expect(out + err).not.toContain('tok_secret_');
    return exitCode as number | null;
  });
  return { child, out: () => out, err: () => err, code };
}

export async function aVero(): Promise<Inspector> {
  const vero = await startInspector({ port: 0 });
  onTestFinished(() => vero.close());
  return vero;
}

/** A Vero that answers when it is told to. */
export async function aSlowVero(): Promise<{ url: string; asked: Promise<ServerResponse> }> {
  const server = createServer();
  const asked = once(server, 'request').then(([request, response]) => {
    (request as IncomingMessage).resume();
    return response as ServerResponse;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

export async function store(schema: string, ...names: readonly string[]): Promise<void> {
  const queue = pgBossQueue({ connectionString: postgresUrl(), schema });
  const client = createVero({ authToken: TOKEN, queue });
  for (const name of names) client.track(name, { identity });
  expect(await client.close()).toMatchObject({ handedOver: names.length });
}

export async function deadLetters(schema: string): Promise<void> {
  const queue = pgBossQueue({ connectionString: postgresUrl(), schema });
  const records = await queue.take(2, 80_000, 'default');
  for (const { id, name } of records) await queue.dead(id, `Vero answered ${name === 'first' ? 400 : 413}`);
  await queue.close();
}

export const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

/** The URL of a Postgres that there is not. */
export async function nowhere(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `postgres://app:tok_secret_db@127.0.0.1:${port}/db`;
}
