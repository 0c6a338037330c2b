import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SIGN_UP, start, TOKEN } from './client.ts';
import { asJson } from './page-client.ts';

const CLI = join(import.meta.dirname, '../src/cli.ts');

interface Run {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  /** Where it listens, once it does. */
  readonly url: () => Promise<string>;
  readonly code: Promise<number | null>;
}

function run(args: readonly string[], { cli = CLI, env = {} }: { cli?: string; env?: object } = {}): Run {
  const child = spawn(process.execPath, [cli, ...args], { env: { ...process.env, ...env } });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const code = once(child, 'close').then(([exitCode]) => exitCode as number | null);
  const url = async () => {
    await expect.poll(() => out + err).toContain('Ctrl-C ends it.');
    return /http:\/\/\S+:\d+/.exec(out + err)?.[0] ?? '';
  };
  return { child, out: () => out, err: () => err, url, code };
}

const send = (url: string, body: object = SIGN_UP) => fetch(`${url}/api/v2/events/track`, asJson(body));

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'verotrack-cli-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe('the command', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('takes events until %s', async (signal) => {
    const { child, out, err, url, code } = run(['--port', '0']);
    const address = await url();
    expect(out()).toContain(`VERO_BASE_URL=${address}`);
    expect((await send(address)).status).toBe(200);
    expect(await (await fetch(address)).text()).toContain('<!doctype html>');
    // An open page does not hold it up.
    const feed = await fetch(`${address}/_/api/feed`);
    const ended = feed.text().catch(() => 'ended');
    child.kill(signal);
    expect(await code).toBe(0);
    await ended;
    expect(err()).toBe('');
    expect(out().includes(TOKEN)).toBe(false);
  });

  it('is found as npx finds it, by a link', async () => {
    const link = join(folder(), 'verotrack-inspector');
    symlinkSync(CLI, link);
    const { out, code } = run(['--help'], { cli: link });
    expect(await code).toBe(0);
    for (const option of ['port', 'host', 'allow-host', 'db', 'max-events', 'dedupe-ms', 'open', 'json']) {
      expect(out()).toContain(`--${option}`);
    }
  });

  it('tells its version', async () => {
    const { out, code } = run(['--version']);
    expect(await code).toBe(0);
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'));
    expect(out()).toBe(`${version}\n`);
  });

  it('writes events to stdout as lines of JSON, and all else to stderr', async () => {
    const { child, out, err, url, code } = run(['--port', '0', '--json']);
    const address = await url();
    await send(address);
    await send(address);
    await send(address, { ...SIGN_UP, data: [] });
    child.kill('SIGINT');
    expect(await code).toBe(0);
    const lines = out().trimEnd().split('\n');
    const { auth_token: _, ...body } = SIGN_UP;
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { kind: 'event', credential: '…0042', body },
      { kind: 'duplicate', body },
    ]);
    expect(err()).toContain(address);
    expect((out() + err()).includes(TOKEN)).toBe(false);
    // What it writes can be brought in.
    const inspector = await start();
    const headers = { 'content-type': 'application/x-ndjson' };
    const response = await fetch(`${inspector.url}/_/api/import`, { method: 'POST', headers, body: out() });
    expect(await response.json()).toEqual({ imported: 2, failed: 0, problems: [] });
  });

  it('holds no more than so much for a reader of stdout that does not read, and ends all the same', async () => {
    const { child, err, url } = run(['--port', '0', '--json']);
    const address = await url();
    child.stdout?.pause();
    const ended = once(child, 'exit');
    const data = { text: 'x'.repeat(900_000) };
    for (let count = 0; count < 15; count += 1) await send(address, { ...SIGN_UP, data: { ...data, count } });
    await expect.poll(err).toContain('are left out');
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    expect(err().split('are left out')).toHaveLength(2);
  });

  it('treats duplicates as Vero does, for as long as it is told', async () => {
    for (const [args, window] of [
      [[], 300_000],
      [['--dedupe-ms', '1000'], 1_000],
      [['--dedupe-ms', '0'], null],
    ] as const) {
      const address = await run(['--port', '0', ...args]).url();
      expect(await (await fetch(`${address}/_/api/state`)).json()).toMatchObject({ dedupeWindowMs: window });
    }
  });

  it('keeps events in a file, as many as it is told', async () => {
    const db = join(folder(), 'events.db');
    const first = run(['--port', '0', '--db', db]);
    const address = await first.url();
    for (const event_name of ['one', 'two', 'three']) await send(address, { ...SIGN_UP, event_name });
    first.child.kill('SIGINT');
    expect(await first.code).toBe(0);
    const second = run(['--port', '0', '--db', db, '--max-events', '2'], { env: { NODE_OPTIONS: '' } });
    const exported = await (await fetch(`${await second.url()}/_/api/export`)).text();
    expect(exported.trim().split('\n')).toHaveLength(2);
    expect(exported).toContain('"three"');
  });

  it('warns when other machines can reach it, and takes the names it is told', async () => {
    const { err, url } = run([
      '--port',
      '0',
      '--host',
      '0.0.0.0',
      '--allow-host',
      'vero',
      '--allow-host',
      'vero2',
    ]);
    await url();
    expect(err()).toContain('Warning: whoever reaches 0.0.0.0 can see what is received here');
    const local = run(['--port', '0', '--host', 'localhost']);
    await local.url();
    expect(local.err()).toBe('');
  });

  it('warns of nothing by itself', async () => {
    const { child, err, url, code } = run(['--port', '0'], { env: { NODE_OPTIONS: '--trace-warnings' } });
    await url();
    child.kill('SIGINT');
    await code;
    expect(err()).toBe('');
  });

  it('opens a browser', async () => {
    const seen = join(folder(), 'seen');
    const browser = join(folder(), 'browser.sh');
    writeFileSync(browser, `#!/bin/sh\necho "$1" > ${seen}\n`, { mode: 0o755 });
    const address = await run(['--port', '0', '--open'], { env: { BROWSER: browser, DISPLAY: '' } }).url();
    await expect
      .poll(() => {
        try {
          return readFileSync(seen, 'utf8');
        } catch {
          return '';
        }
      })
      .toBe(`${address}\n`);
  });

  it.each([
    [['--port', 'x'], '--port must be a whole number from 0 to 65535'],
    [['--port', '70000'], '--port must be'],
    [['--max-events', '0'], '--max-events must be a whole number from 1'],
    [['--dedupe-ms=-1'], '--dedupe-ms must be'],
    [['--nothing'], 'Usage: verotrack-inspector'],
    [['extra'], 'Usage: verotrack-inspector'],
    [['--port'], 'Usage: verotrack-inspector'],
    [['--port', '0', '--allow-host', 'http://vero'], 'allowHosts must be'],
    [['--port', '0', '--host', '192.0.2.1'], 'does not have the address'],
    [['--port', '0', '--db', '/nowhere/at/all.db'], "can't be used"],
  ])('tells what is wrong with %j', async (args, message) => {
    const { out, err, code } = run(args);
    expect(await code).toBe(2);
    expect(err()).toContain(message);
    expect(err()).not.toMatch(/^\s+at /m);
    expect(out()).toBe('');
  });

  it('tells when the port is taken', async () => {
    const { url } = await start();
    const { err, code } = run(['--port', new URL(url).port]);
    expect(await code).toBe(2);
    expect(err()).toContain('The port is taken');
    expect(err()).toContain('--port');
  });
});
