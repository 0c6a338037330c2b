import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createVero } from '@verotrack/core';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pgBossQueue } from '../src/index.ts';
import { metricsText } from '../src/metrics.ts';
import { postgresUrl } from './servers.ts';

const doc = readFileSync(join(import.meta.dirname, '../../../docs/fleet.md'), 'utf8');
const statements = new Map(
  [...doc.matchAll(/^```sql\n-- ([^\n]*)\n(.*?)^```/gms)].map(([, name = '', sql = '']) => [name, sql]),
);
const tested = new Set<string>();
const database = `fleet_doc_${process.pid}_${Date.now()}`;
let owner: pg.Client;
let db: pg.Client;

async function rows(name: string): Promise<Record<string, unknown>[]> {
  tested.add(name);
  const result = await db.query(statements.get(name) ?? '');
  return result.command === 'DELETE' ? [{ deleted: result.rowCount }] : result.rows;
}

/** Six events: two due, one deferred, one taken, one delivered, one dead. */
async function storeEvents(connectionString: string): Promise<void> {
  const queue = pgBossQueue({ connectionString });
  const client = createVero({ authToken: 'tok_secret_doc', queue });
  for (let n = 0; n < 4; n++) client.track('purchased', { identity: { id: '42' } });
  await client.flush();
  const [deferred, , delivered, dead] = await queue.take(4, 80_000, 'default');
  await queue.retry(deferred?.id ?? '', Date.now() + 3_600_000, true);
  await queue.ack([delivered?.id ?? '']);
  await queue.dead(dead?.id ?? '', 'Vero answered 400: no');
  for (let n = 0; n < 2; n++) client.track('purchased', { identity: { id: '42' } });
  await client.close();
}

// The document has the schema that everybody gets, so that it needs a database of its own.
beforeAll(async () => {
  owner = new pg.Client({ connectionString: postgresUrl() });
  await owner.connect();
  await owner.query(`CREATE DATABASE ${database}`);
  const { href } = Object.assign(new URL(postgresUrl()), { pathname: `/${database}` });
  await storeEvents(href);
  db = new pg.Client({ connectionString: href });
  await db.connect();
});

afterAll(async () => {
  await db.end();
  await owner.query(`DROP DATABASE ${database}`);
  await owner.end();
});

describe('The SQL for operators', () => {
  it('says what waits', async () => {
    const [queue, ...others] = await rows('depth');
    expect(queue).toMatchObject({ queue: 'verotrack.default', due: '2', deferred: '1', taken: '1' });
    expect(queue?.behind).not.toBeNull();
    expect(others).toEqual([]);
  });

  it('says what was delivered', async () => {
    expect(await rows('delivered')).toEqual([{ minute: expect.any(Date), delivered: '1' }]);
  });

  it('says what Vero refused', async () => {
    expect(await rows('dead letters')).toMatchObject([
      { reason: 'Vero answered 400: no', event: 'purchased', count: '1' },
    ]);
  });

  it('says for how long Vero asked for silence', async () => {
    expect(await rows('pauses')).toEqual([]);
    await db.query("UPDATE verotrack.verotrack_fleet SET paused_until = now() + interval '1 minute'");
    expect(await rows('pauses')).toMatchObject([{ queue: 'verotrack.default' }]);
  });

  it('says which processes there are', async () => {
    const queue = pgBossQueue({
      connectionString: Object.assign(new URL(postgresUrl()), { pathname: `/${database}` }).href,
    });
    await queue.nextDueAt('default');
    expect(await rows('processes')).toContainEqual(expect.objectContaining({ pid: process.pid }));
    await queue.close();
    expect(await rows('processes')).toEqual([]);
  });

  it('says of which versions the records are', async () => {
    expect(await rows('versions')).toEqual([{ version: '1', count: '4' }]);
  });

  it('says what holds vacuum up', async () => {
    expect(await rows('long transactions')).toEqual([]);
    expect((await rows('dead rows')).map(({ relname }) => relname)).toContain('job_common');
  });

  it('forgets what is to be forgotten', async () => {
    expect(await rows('forget dead letters')).toEqual([{ deleted: 1 }]);
    expect(await rows('dead letters')).toEqual([]);
    await db.query("UPDATE verotrack.job SET created_on = '2026-01-01' WHERE state = 'retry'");
    expect(await rows('forget what waits')).toEqual([{ deleted: 1 }]);
    expect(await rows('depth')).toMatchObject([{ due: '2', deferred: '0', taken: '1' }]);
  });

  it('was all run', () => {
    expect([...tested].toSorted()).toEqual([...statements.keys()].toSorted());
  });
});

it('The metrics in the document are those that there are', () => {
  const stats = createVero({ authToken: 'tok_secret_doc' }).stats();
  const text = metricsText(stats, { waiting: 0, taken: 0, deadLetters: 0 });
  const names = [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name);
  const listed = [...doc.matchAll(/^\| `(verotrack_\w+)` \|/gm)].map(([, name]) => name);
  expect(listed).toEqual(names);
});
