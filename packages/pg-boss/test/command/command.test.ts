import { readFileSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { USAGE } from '../../src/command-line.ts';
import { schemaSql } from '../../src/schema-sql.ts';
import { aSchema, postgresUrl } from '../servers.ts';
import { CLI, deadLetters, nowhere, run, store } from './runs.ts';

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
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
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
    [['worker', '--port', '0', '--host', ''], '--host must be a name'],
    [['sql', '--role', 'a b'], '--role must be letters, digits and _ only'],
    [['sql', '--from', 'x'], '--from must be a whole number above 0'],
  ])('refuses %j, and prints how it is used', async (args, message) => {
    const { out, err, code } = run(args);
    expect(await code).toBe(2);
    expect(err()).toContain(message);
    expect(err()).toContain(`\n\n${USAGE}\n`);
    expect(out()).toBe('');
  });

  // Names say what is told: what is given has secrets in it.
  it.each([
    ['--rate must be a number above 0', ['replay', '--rate', '0'], {}, 1],
    ['from version 1', ['sql', '--from', '1'], {}, 2],
    ['not 1000', ['sql', '--from', '1000'], {}, 2],
    ['set VERO_AUTH_TOKEN', ['worker'], { VERO_AUTH_TOKEN: '' }, 2],
    ['VERO_BASE_URL must be a URL', ['worker'], { VERO_BASE_URL: 'vero' }, 2],
    ['DATABASE_URL is missing', ['worker'], { DATABASE_URL: '' }, 2],
    [
      'DATABASE_URL must be like postgres://',
      ['status'],
      { DATABASE_URL: 'mysql://app:tok_secret_db@host/db' },
      2,
    ],
    [
      'DATABASE_URL must be like postgres://',
      ['dead'],
      { DATABASE_URL: 'postgres://app:tok_secret_db@[host/db' },
      2,
    ],
  ])('says "%s", and shows no secret', async (message, args, env, expected) => {
    const { out, err, code } = run(args, env);
    expect(await code).toBe(expected);
    expect(err()).toContain(message);
    expect(err()).not.toMatch(/^\s+at |tok_secret/m);
    expect(out()).toBe('');
  });
});
