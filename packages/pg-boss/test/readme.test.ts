import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Inspector, startInspector } from '@verotrack/inspector';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { USAGE } from '../src/command-line.ts';
import { createVeroWorker, pgBossQueue } from '../src/index.ts';
import { postgresUrl } from './servers.ts';

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
const database = `readme_${process.pid}_${Date.now()}`;
let owner: pg.Client;
let vero: Inspector;
let url: string;

// The snippets have the schema that everybody gets, so that they need a database of their own.
beforeAll(async () => {
  vero = await startInspector({ port: 0 });
  owner = new pg.Client({ connectionString: postgresUrl() });
  await owner.connect();
  await owner.query(`CREATE DATABASE ${database}`);
  url = Object.assign(new URL(postgresUrl()), { pathname: `/${database}` }).href;
  vi.stubEnv('DATABASE_URL', url);
  vi.stubEnv('VERO_AUTH_TOKEN', 'tok_secret_readme');
  vi.stubEnv('VERO_BASE_URL', vero.url);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await owner.query(`DROP DATABASE ${database}`);
  await owner.end();
  await vero.close();
});

describe('What the README shows', () => {
  it('stores events, with an order and without, and delivers them', async () => {
    const db = new pg.Client({ connectionString: url });
    await db.connect();
    onTestFinished(() => db.end());
    await db.query('CREATE TABLE orders (user_id text NOT NULL, total int NOT NULL CHECK (total > 0))');
    const { placeOrder, close } = await import('./readme/shop.ts');
    await placeOrder('42', 12);
    await expect(placeOrder('42', 0)).rejects.toThrow('orders_total_check');
    await close();
    const { worker } = await import('./readme/worker.ts');
    expect(await vero.waitForEvent('purchased')).toMatchObject({
      identity: { id: '42' },
      data: { total: 12 },
    });
    await vero.waitForEvent('viewed_cart');
    await expect.poll(() => worker.stats().delivered).toBe(2);
    await worker.close();
    expect(vero.events()).toHaveLength(2);
  });

  it('works in a pg-boss that the application has', async () => {
    const { boss, vero: client } = await import('./readme/own-pg-boss.ts');
    onTestFinished(() => boss.stop({ graceful: false }));
    client.track('stored by the own', { identity: { id: '42' } });
    await client.close();
    const queue = pgBossQueue({ connectionString: url, schema: 'pgboss' });
    const worker = createVeroWorker({ queue });
    onTestFinished(async () => void (await worker.close()));
    await vero.waitForEvent('stored by the own');
  });
});

/** The names in the first column of the table under a heading. */
function firstColumn(heading: string): string[] {
  const [, section = ''] = readme.split(`\n## ${heading}\n`);
  const rows = section.split(/\n## /)[0]?.match(/^\| `.*?(?= \|)/gm) ?? [];
  return rows.flatMap((row) => [...row.matchAll(/`([\w-]+)/g)].map(([, name = '']) => name)).toSorted();
}

describe('The README', () => {
  it('lists the options of the queue', () => {
    const source = readFileSync(join(import.meta.dirname, '../src/options.ts'), 'utf8');
    const [, declared = ''] = /export interface PgBossQueueOptions \{(.*?)^\}/ms.exec(source) ?? [];
    const names = [...declared.matchAll(/^ {2}readonly (\w+)\?/gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(8);
    expect(firstColumn('Options')).toEqual(names.toSorted());
  });

  it('lists the options of the command', () => {
    const options = [...USAGE.matchAll(/--([a-z-]+)/g)].map(([, name]) => name);
    const names = [...new Set(options)].filter((name) => name !== 'help' && name !== 'version').toSorted();
    expect(firstColumn('Commands')).toEqual(names.map((name) => `--${name}`));
  });
});
