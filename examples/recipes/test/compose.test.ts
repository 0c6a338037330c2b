import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createVero } from '@verotrack/core';
import { expect, onTestFinished, test } from 'vitest';
import { Child } from '../../test-helpers/child.ts';
import { manifest } from './deploy-files.ts';

interface Service {
  readonly build?: string;
  readonly image?: string;
  readonly network_mode?: string;
  readonly ports?: readonly string[];
  readonly command?: string;
  readonly environment?: Record<string, string>;
  readonly depends_on?: Record<string, { readonly condition: string }>;
  readonly healthcheck?: { readonly test: string };
}

const { services } = manifest<{ services: { app: Service; vero: Service } }>('compose.yaml');
const { app, vero } = services;
/** The inspector's in the file. Here it takes a free one. */
const PORT = '4004';

/** As Docker does: a string is for the shell. @returns the exit code */
async function inShell(command: string): Promise<number> {
  const path = dirname(process.execPath) + delimiter + process.env.PATH;
  const shell = spawn('/bin/sh', ['-c', command], { env: { PATH: path }, stdio: 'ignore' });
  const [code] = await once(shell, 'exit');
  return code;
}

test('the app shares the network of the local Vero, which only this machine reaches', () => {
  expect(app.network_mode).toBe('service:vero');
  expect(app.ports).toBeUndefined();
  expect(vero.ports?.map((port) => port.split(':'))).toEqual([
    ['127.0.0.1', '3000', '3000'],
    ['127.0.0.1', PORT, PORT],
  ]);
  expect(app.depends_on).toEqual({ vero: { condition: 'service_healthy' } });
});

test('in two networks a token is not sent in the clear, unless the application says so', () => {
  const options = { authToken: 'tok_secret_of_compose', baseUrl: `http://vero:${PORT}` };
  expect(() => createVero(options)).toThrow('allowInsecure');
  expect(() => createVero({ ...options, allowInsecure: true })).not.toThrow();
});

test('the local Vero starts as it is told to, is healthy then, and takes the events of the app', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'verotrack-compose-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [npx, yes, name, ...args] = vero.command?.replaceAll('/data', folder).split(' ') ?? [];
  expect([npx, yes, name]).toEqual(['npx', '--yes', '@verotrack/inspector']);
  const program = '../packages/inspector/src/cli.ts';
  const inspector = new Child(program, {}, [], [...args, '--port', '0', '--json']);
  const [, port = ''] = await inspector.printed(/VERO_BASE_URL=http:\S+:(\d+)/);
  const here = (text = ''): string => text.replace(PORT, port);

  expect(await inShell(here(vero.healthcheck?.test))).toBe(0);
  const client = createVero({
    authToken: 'tok_secret_of_compose',
    baseUrl: here(app.environment?.VERO_BASE_URL),
  });
  await client.send('purchased', { identity: { id: '42' } });
  await client.close();
  await inspector.printed(/"purchased"/);

  inspector.process.kill('SIGTERM');
  expect(await inspector.exit).toBe(0);
  expect(await inShell(here(vero.healthcheck?.test))).not.toBe(0);
});
