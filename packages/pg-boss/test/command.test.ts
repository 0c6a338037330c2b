import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVero } from '@verotrack/core';
import { type Inspector, startInspector } from '@verotrack/inspector';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { USAGE } from '../src/command-line.ts';
import { pgBossQueue } from '../src/index.ts';
import { schemaSql } from '../src/schema-sql.ts';
import { aSchema, postgresUrl } from './servers.ts';

const CLI = join(import.meta.dirname, '../src/cli.ts');
const TOKEN = 'tok_secret_command';
const identity = { id: '42' };

interface Run {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  readonly code: Promise<number | null>;
}

function run(args: readonly string[], env: NodeJS.ProcessEnv = {}, cli: string = CLI): Run {
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

async function aVero(): Promise<Inspector> {
  const vero = await startInspector({ port: 0 });
  onTestFinished(() => vero.close());
  return vero;
}

/** A Vero that answers when it is told to. */
async function aSlowVero(): Promise<{ url: string; asked: Promise<ServerResponse> }> {
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

async function store(schema: string, ...names: readonly string[]): Promise<void> {
  const queue = pgBossQueue({ connectionString: postgresUrl(), schema });
  const client = createVero({ authToken: TOKEN, queue });
  for (const name of names) client.track(name, { identity });
  expect(await client.close()).toMatchObject({ handedOver: names.length });
}

async function deadLetters(schema: string): Promise<void> {
  const queue = pgBossQueue({ connectionString: postgresUrl(), schema });
  const records = await queue.take(2, 80_000, 'default');
  for (const { id, name } of records) await queue.dead(id, `Vero answered ${name === 'first' ? 400 : 413}`);
  await queue.close();
}

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

describe('the command worker', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('delivers until %s, and says what it did', async (signal) => {
    const [schema, vero] = [aSchema(), await aVero()];
    await store(schema, 'first', 'second');
    const { child, out, err, code } = run(['worker', '--schema', schema], { VERO_BASE_URL: vero.url });
    await vero.waitForEvent('first');
    await vero.waitForEvent('second');
    child.kill(signal);
    expect(await code).toBe(0);
    expect(err()).toBe('');
    expect(lastLine(out())).toBe('taken=2 delivered=2 rejected=0 dropped=0 handedOver=0 pending=0 retries=0');
  });

  it('lets an attempt under way end, also when npm passes the signal on', async () => {
    const [schema, vero] = [aSchema(), await aSlowVero()];
    await store(schema, 'first');
    const { child, out, code } = run(['worker', '--schema', schema], { VERO_BASE_URL: vero.url });
    const response = await vero.asked;
    child.kill('SIGTERM');
    child.kill('SIGINT');
    await expect.poll(out).toMatch(/^SIG(TERM|INT): ends within 25 seconds\.$/m);
    response.end('{}');
    expect(await code).toBe(0);
    expect(lastLine(out())).toContain('taken=1 delivered=1 ');
  });

  it('leaves what does not end in time to others, and says so by its exit code', async () => {
    const [schema, slow, vero] = [aSchema(), await aSlowVero(), await aVero()];
    await store(schema, 'first');
    const args = ['worker', '--schema', schema, '--close-timeout', '1'];
    const { child, out, err, code } = run(args, { VERO_BASE_URL: slow.url });
    await slow.asked;
    child.kill('SIGTERM');
    expect(await code).toBe(1);
    expect(lastLine(out())).toContain('taken=1 delivered=0 rejected=0 dropped=0 handedOver=1 ');
    expect(err()).toMatch(/^It took longer than --close-timeout: .*\n$/);
    run(['worker', '--schema', schema], { VERO_BASE_URL: vero.url });
    await vero.waitForEvent('first');
  });

  it('ends at once when it is told again', async () => {
    const [schema, vero] = [aSchema(), await aSlowVero()];
    await store(schema, 'first');
    const { child, out, code } = run(['worker', '--schema', schema, '--close-timeout', '86400'], {
      VERO_BASE_URL: vero.url,
    });
    await vero.asked;
    child.kill('SIGINT');
    await expect.poll(out).toContain('SIGINT: ends within');
    await expect
      .poll(() => {
        child.kill('SIGINT');
        return child.exitCode;
      })
      .toBe(1);
    await code;
    expect(out()).not.toContain('delivered=');
  });

  it('delivers the events of the queue and the project that it is told, and no others', async () => {
    const [schema, vero] = [aSchema(), await aVero()];
    const queue = pgBossQueue({ connectionString: postgresUrl(), schema, queue: 'other' });
    const client = createVero({ authToken: TOKEN, queue, project: 'shop 2' });
    client.track('of the project', { identity });
    await client.close();
    await store(schema, 'of another');
    const args = ['worker', '--schema', schema, '--queue', 'other', '--project', 'shop 2'];
    const rest = [
      '--concurrency',
      '2',
      '--connections',
      '2',
      '--rate-per-second',
      '0.5',
      '--take-over-after',
      '20',
    ];
    const { child, out, code } = run([...args, ...rest], { VERO_BASE_URL: vero.url });
    await vero.waitForEvent('of the project');
    child.kill('SIGTERM');
    expect(await code).toBe(0);
    expect(lastLine(out())).toContain('taken=1 delivered=1 ');
  });

  it('tells what goes wrong in a line each, and keeps what it was given', async () => {
    const [schema, vero] = [aSchema(), await startInspector({ port: 0, authToken: 'tok_secret_other' })];
    onTestFinished(() => vero.close());
    await store(schema, 'first', 'second');
    const { child, out, err, code } = run(['worker', '--schema', schema], { VERO_BASE_URL: vero.url });
    await expect.poll(err).toContain('\n');
    child.kill('SIGTERM');
    expect(await code).toBe(0);
    expect(err()).toMatch(/^VERO_PAUSED_unauthorized: Delivery to Vero is paused.*\n$/);
    expect(lastLine(out())).toContain('delivered=0 ');
    const status = run(['--schema', schema]);
    expect(await status.code).toBe(0);
    expect(status.out()).toContain('waiting       2\n  of them taken 0\n');
  });

  it('waits for a Postgres that is away', async () => {
    const { child, err, code } = run(['worker'], { DATABASE_URL: await nowhere() });
    await expect.poll(err).toContain('\n');
    child.kill('SIGTERM');
    expect(await code).toBe(0);
    expect(err()).toMatch(/^VERO_QUEUE: The queue failed: .*ECONNREFUSED.*\n$/);
  });
});

describe('the monitor of a worker', () => {
  /** Started with `--port 0`, it says where it listens. */
  async function monitored(
    schema: string,
    veroUrl: string,
  ): Promise<Run & { get(path: string): Promise<Response> }> {
    const worker = run(['worker', '--schema', schema, '--port', '0'], { VERO_BASE_URL: veroUrl });
    await expect.poll(worker.out).toContain('Ctrl-C ends it.');
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(worker.out())?.[0];
    return { ...worker, get: (path) => fetch(`${url}${path}`) };
  }

  it('says that it is well, and what it did', async () => {
    const [schema, vero] = [aSchema(), await aVero()];
    await store(schema, 'first', 'second');
    await deadLetters(schema);
    await store(schema, 'third');
    const { child, get, code } = await monitored(schema, vero.url);
    const health = await get('/health');
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({ ok: true, reasons: [] });
    const metrics = async (): Promise<string> => await (await get('/metrics')).text();
    await expect.poll(metrics).toContain('verotrack_delivered_total 1\n');
    const text = await metrics();
    expect(text).toContain('# TYPE verotrack_delivered_total counter\n');
    expect(text).toContain('verotrack_queue_dead_letters 2\n');
    expect(text).toContain('verotrack_paused{reason="retry-after"} 0\n');
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(/^(# (HELP|TYPE) verotrack_\w+ .+|verotrack_\w+(\{\w+="[\w-]+"\})? [\d.]+)$/);
    }
    child.kill('SIGTERM');
    expect(await code).toBe(0);
  });

  it('says that delivery is paused, and why', async () => {
    const [schema, vero] = [aSchema(), await startInspector({ port: 0, authToken: 'tok_secret_other' })];
    onTestFinished(() => vero.close());
    await store(schema, 'first');
    const { get } = await monitored(schema, vero.url);
    await expect.poll(async () => (await get('/health')).status).toBe(503);
    const health = await (await get('/health')).json();
    expect(health).toMatchObject({ ok: false, reasons: ['delivery is paused: unauthorized'] });
    expect(await (await get('/metrics')).text()).toContain('verotrack_paused{reason="unauthorized"} 1\n');
  });

  it('tells of the worker while the queue cannot be counted', async () => {
    const worker = run(['worker', '--port', '0'], { DATABASE_URL: await nowhere() });
    await expect.poll(worker.out).toContain('Ctrl-C ends it.');
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(worker.out())?.[0];
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toContain('verotrack_taken_total 0\n');
    expect(text).not.toContain('verotrack_queue_');
  });

  it('tells of each of the workers that started at once on an empty database', async () => {
    const [schema, vero] = [aSchema(), await aVero()];
    const workers = await Promise.all([monitored(schema, vero.url), monitored(schema, vero.url)]);
    for (const { get, err } of workers) {
      await expect
        .poll(async () => await (await get('/metrics')).text())
        .toContain('verotrack_queue_waiting 0\n');
      expect(err()).toBe('');
    }
  });

  it('serves nothing else', async () => {
    const { get } = await monitored(aSchema(), (await aVero()).url);
    expect((await get('/')).status).toBe(404);
    expect((await get('/health/more')).status).toBe(404);
    expect((await fetch((await get('/metrics')).url, { method: 'POST' })).status).toBe(404);
  });

  it('is told of when it cannot listen', async () => {
    const vero = await aVero();
    const { err, code } = run(['worker', '--port', new URL(vero.url).port]);
    expect(await code).toBe(2);
    expect(err()).toMatch(/^--port or --host can't be used: .*EADDRINUSE.*\n$/);
  });
});

describe('the commands that look into the queue', () => {
  const finished = async (...args: readonly string[]): Promise<string> => {
    const { out, err, code } = run(args);
    expect(await code, err()).toBe(0);
    return out();
  };

  it('say how it stands, list and export dead letters, and replay those that are meant', async () => {
    const schema = aSchema();
    await store(schema, 'first', 'second');
    await deadLetters(schema);
    await store(schema, 'third');
    const ask = (...args: readonly string[]): Promise<string> => finished(...args, '--schema', schema);
    expect((await ask()).split('\n')).toEqual([
      'waiting       1',
      '  of them taken 0',
      'dead letters  2',
      '',
    ]);
    expect(await ask('dead', '--reason', '413')).toMatch(
      /^\d{4}-\S+Z {2}second {2}\S+ {2}1 attempts {2}Vero answered 413\n$/,
    );
    expect(JSON.parse(await ask('export', '--name', 'first'))).toMatchObject({ reason: 'Vero answered 400' });
    expect(await ask('replay', '--dry-run')).toBe('2 would be replayed\n');
    expect(await ask('replay', '--name', 'first', '--rate', '10')).toBe('1 replayed\n');
    expect(await ask('status')).toBe('waiting       2\n  of them taken 0\ndead letters  1\n');
  });

  it('make no schema', async () => {
    const schema = aSchema();
    const { err, code } = run(['status', '--schema', schema]);
    expect(await code).toBe(1);
    expect(err()).toContain(`Run what "npx @verotrack/pg-boss sql --schema ${schema}" prints`);
    const db = new pg.Client({ connectionString: postgresUrl() });
    await db.connect();
    onTestFinished(() => db.end());
    const { rows } = await db.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
    expect(rows).toEqual([]);
  });

  it('say that Postgres is away', async () => {
    const { err, code } = run(['status'], { DATABASE_URL: await nowhere() });
    expect(await code).toBe(1);
    expect(err()).toMatch(/^.*ECONNREFUSED.*\n$/);
  });
});

describe('the command', () => {
  it('prints the SQL of the schema, with the grants of a role, without a database', async () => {
    const { out, err, code } = run(['sql', '--schema', 'events', '--role', 'app'], { DATABASE_URL: '' });
    expect(await code, err()).toBe(0);
    expect(out()).toBe(`${await schemaSql({ schema: 'events', role: 'app' })}\n`);
  });

  it('is found as npx finds it, by a link', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'verotrack-command-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const link = join(folder, 'verotrack-pg-boss');
    symlinkSync(CLI, link);
    const { out, code } = run(['--help'], {}, link);
    expect(await code).toBe(0);
    expect(out()).toBe(`${USAGE}\n`);
  });

  it('tells its version', async () => {
    const { out, code } = run(['--version']);
    expect(await code).toBe(0);
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'));
    expect(out()).toBe(`${version}\n`);
  });

  it.each([
    [['deliver'], 'There is no command "deliver".'],
    [['worker', 'now'], '"now" is too much'],
    [['worker', '--all'], "Unknown option '--all'"],
    [['worker', '--port'], "'--port <value>' argument missing"],
    [['status', '--port', '1'], '--port is no option of status.'],
    [['sql', '--project', 'shop'], '--project is no option of sql.'],
    [['worker', '--rate', '1'], '--rate is no option of worker.'],
    [['worker', '--schema', 'a.b'], '--schema must be letters, digits and _ only'],
    [['worker', '--queue', 'a.b'], '--queue must be letters, digits, _ and - only'],
    [['worker', '--project', ' '], '--project must be a name'],
    [['worker', '--concurrency', '0'], '--concurrency must be a whole number above 0'],
    [['worker', '--connections', '1.5'], '--connections must be a whole number above 0'],
    [['worker', '--rate-per-second', 'fast'], '--rate-per-second must be a number above 0'],
    [['worker', '--take-over-after', '19'], '--take-over-after must be a whole number of seconds from 20'],
    [['worker', '--close-timeout', '0'], '--close-timeout must be a number of seconds from 1 to 86400'],
    [['worker', '--port', '65536'], '--port must be a whole number from 0 to 65535'],
    [['worker', '--host', '::1'], '--host needs --port, too.'],
    [['sql', '--role', 'a b'], '--role must be letters, digits and _ only'],
    [['sql', '--from', 'x'], '--from must be a whole number above 0'],
  ])('refuses %j, and prints how it is used', async (args, message) => {
    const { out, err, code } = run(args);
    expect(await code).toBe(2);
    expect(err()).toContain(message);
    expect(err()).toContain(`\n\n${USAGE}\n`);
    expect(out()).toBe('');
  });

  it.each([
    [['replay', '--rate', '0'], {}, 1, '--rate must be a number above 0'],
    [['sql', '--from', '1'], {}, 2, 'from version 1'],
    [['sql', '--from', '1000'], {}, 2, 'not 1000'],
    [['worker'], { VERO_AUTH_TOKEN: '' }, 2, 'set VERO_AUTH_TOKEN'],
    [['worker'], { VERO_BASE_URL: 'vero' }, 2, 'VERO_BASE_URL must be a URL'],
    [['worker'], { DATABASE_URL: '' }, 2, 'DATABASE_URL is missing'],
    [
      ['status'],
      { DATABASE_URL: 'mysql://app:tok_secret_db@host/db' },
      2,
      'DATABASE_URL must be like postgres://',
    ],
    [
      ['status'],
      { DATABASE_URL: 'postgres://app:tok_secret_db@[host/db' },
      2,
      'DATABASE_URL must be like postgres://',
    ],
  ])('refuses %j with %j, and shows no secret', async (args, env, expected, message) => {
    const { out, err, code } = run(args, env);
    expect(await code).toBe(expected);
    expect(err()).toContain(message);
    expect(err()).not.toMatch(/^\s+at /m);
    expect(out()).toBe('');
  });
});

/** The URL of a Postgres that there is not. */
async function nowhere(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `postgres://app:tok_secret_db@127.0.0.1:${port}/db`;
}
