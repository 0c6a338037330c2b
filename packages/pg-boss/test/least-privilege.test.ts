import { createVero, type VeroEvents } from '@verotrack/core';
import { type Inspector, startInspector } from '@verotrack/inspector';
import pg from 'pg';
import { getRollbackPlans } from 'pg-boss';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createOutbox, createVeroWorker, type PgBossQueue, pgBossQueue } from '../src/index.ts';
import { connectionOf } from '../src/pg-boss-queue.ts';
import { neededVersion, schemaSql } from '../src/schema-sql.ts';
import { aSchema, postgresUrl } from './servers.ts';

const authToken = 'tok_secret_privilege';
const identity = { id: '42' };
const role = `verotrack_app_${process.pid}`;
const password = 'tok_secret_role';
let owner: pg.Client;
let vero: Inspector;

beforeAll(async () => {
  vero = await startInspector({ port: 0 });
  owner = new pg.Client({ connectionString: postgresUrl() });
  await owner.connect();
  await owner.query(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
});

afterAll(async () => {
  await owner.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  await owner.end();
  await vero.close();
});

/** The shared Postgres, as the role that may only work. */
function roleUrl(): string {
  return Object.assign(new URL(postgresUrl()), { username: role, password }).href;
}

async function connected(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

function aQueue(schema: string, migrate = false): PgBossQueue {
  const queue = pgBossQueue({ connectionString: roleUrl(), schema, migrate });
  onTestFinished(async () => await queue.close());
  return queue;
}

/** As psql does: each statement by itself, but what is between BEGIN and COMMIT together. */
async function runAsOwner(sql: string): Promise<void> {
  const [transaction = '', rest] = sql.split(/(?<=COMMIT;)/);
  await owner.query(transaction);
  for (const statement of rest?.split(/;\n/) ?? []) await owner.query(statement);
}

describe('A role that may only work', () => {
  it('can track, deliver, keep dead letters, replay them and look after the queues', async () => {
    const schema = aSchema();
    // Of a database whose owner takes away what Postgres gives everybody.
    const everybody = `REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA ${schema} FROM PUBLIC; REVOKE USAGE ON TYPE ${schema}.job_state FROM PUBLIC`;
    await runAsOwner(await schemaSql({ schema }));
    await owner.query(everybody);
    await runAsOwner(await schemaSql({ schema, role, from: await neededVersion() }));
    const told: VeroEvents['error'][] = [];
    const client = createVero({ authToken, baseUrl: vero.url, queue: aQueue(schema) });
    client.on('error', (problem) => told.push(problem));
    const outbox = createOutbox(client);

    client.track('tracked', { identity });
    expect(await client.flush()).toMatchObject({ handedOver: 1 });
    const db = await connected(roleUrl());
    await db.query('BEGIN');
    await outbox(db).track('committed', { identity });
    await db.query('COMMIT');
    client.track('given up', { identity });
    await client.flush();

    const queue = aQueue(schema);
    const records = await queue.take(3, 80_000, 'default');
    for (const { id, name } of records) {
      if (name === 'given up') await queue.dead(id, 'Vero answered 400');
      else await queue.retry(id, Date.now(), true);
    }
    expect(await queue.counts()).toEqual({ waiting: 2, taken: 0, deadLetters: 1 });

    const worker = createVeroWorker({ authToken, baseUrl: vero.url, queue });
    worker.on('error', (problem) => told.push(problem));
    await vero.waitForEvent('tracked');
    await vero.waitForEvent('committed');
    expect(await worker.deadLetters.replay({ dryRun: true })).toEqual({ replayed: 1 });
    expect(await worker.deadLetters.replay()).toEqual({ replayed: 1 });
    await vero.waitForEvent('given up');
    await queue.pauseUntil(Date.now() + 60_000, 'default');
    await expect.poll(() => queue.nextDueAt('default')).toBeUndefined();

    await supervise(schema, queue);
    await worker.close();
    await client.close();
    expect(told).toEqual([]);
  });

  it('gives out again what a worker held that died', async () => {
    const schema = aSchema();
    await runAsOwner(await schemaSql({ schema, role }));
    const client = createVero({ authToken, queue: aQueue(schema) });
    client.track('held', { identity });
    await client.close();
    const [dead, queue] = [aQueue(schema), aQueue(schema)];
    expect(await dead.take(1, 80_000, 'default')).toHaveLength(1);
    await supervise(schema, queue);
    expect(await queue.take(1, 80_000, 'default')).toMatchObject([{ name: 'held' }]);
  });

  it('is told what to do when nobody has made the tables', async () => {
    const schema = aSchema();
    await expect(aQueue(schema).counts()).rejects.toThrow(
      `the tables of the queue are not there (pg-boss is not installed). Run what "npx @verotrack/pg-boss sql --schema ${schema}" prints`,
    );
  });

  it('is told what to do when it may not make them', async () => {
    const schema = aSchema();
    await expect(aQueue(schema, true).counts()).rejects.toThrow(
      /this role may not make or change the schema \w+ \(permission denied for database \w+\)\. Let another run what "npx @verotrack\/pg-boss sql --schema \w+ --role <this role>" prints, and use migrate: false/,
    );
  });

  it('is told what to do when it may not use them', async () => {
    const schema = aSchema();
    await runAsOwner(await schemaSql({ schema }));
    await expect(aQueue(schema).counts()).rejects.toThrow(
      `permission denied for schema ${schema}. Let its owner run what "npx @verotrack/pg-boss sql --schema ${schema} --role <this role>" prints`,
    );
  });

  it('is told what to do when the table of the fleet is missing', async () => {
    const schema = aSchema();
    await runAsOwner(await schemaSql({ schema, role }));
    await owner.query(`DROP TABLE ${schema}.verotrack_fleet`);
    await expect(aQueue(schema).take(1, 80_000, 'default')).rejects.toThrow(/verotrack_fleet.*Run what "npx/);
  });

  it('is told while the queues cannot be looked after', async () => {
    const schema = aSchema();
    await runAsOwner(await schemaSql({ schema, role }));
    await owner.query(`REVOKE DELETE ON ${schema}.job_dependency FROM ${role}`);
    const queue = pgBossQueue({
      connectionString: roleUrl(),
      schema,
      migrate: false,
      takeOverAfterSeconds: 20,
    });
    const worker = createVeroWorker({ authToken, baseUrl: vero.url, queue });
    onTestFinished(async () => void (await worker.close()));
    const { error } = await new Promise<VeroEvents['error']>((told) => worker.on('error', told));
    expect(error.message).toContain('permission denied for table job_dependency');
  });
});

describe('The SQL of the schema', () => {
  it('changes nothing where all is up to date', async () => {
    const schema = aSchema();
    const version = await neededVersion();
    await runAsOwner(await schemaSql({ schema, role }));
    const sql = await schemaSql({ schema, role, from: version });
    expect(sql).toContain(`pg-boss is at version ${version} of its schema: there is nothing to do.`);
    await runAsOwner(sql);
    await runAsOwner(sql);
    expect(await aQueue(schema).counts()).toEqual({ waiting: 0, taken: 0, deadLetters: 0 });
  });

  it('brings the schema of an older pg-boss up to date, which is asked for before', async () => {
    const schema = aSchema();
    const version = await neededVersion();
    await runAsOwner(await schemaSql({ schema, role }));
    await owner.query(getRollbackPlans(schema, version));
    await expect(aQueue(schema).counts()).rejects.toThrow(
      `the schema ${schema} is of version ${version - 1} of pg-boss's, and this process needs ${version}. Run what "npx @verotrack/pg-boss sql --schema ${schema} --from ${version - 1}" prints`,
    );
    await runAsOwner(await schemaSql({ schema, role, from: version - 1 }));
    expect(await aQueue(schema).counts()).toEqual({ waiting: 0, taken: 0, deadLetters: 0 });
  });

  it('is not for an older pg-boss than that which made it, which is told', async () => {
    const schema = aSchema();
    const version = await neededVersion();
    await runAsOwner(await schemaSql({ schema, role }));
    await owner.query(`UPDATE ${schema}.version SET version = ${version + 1}`);
    await expect(aQueue(schema).counts()).rejects.toThrow(/needs \d+\. Update pg-boss here$/);
  });
});

describe('An empty database', () => {
  it('is made ready by all who start at once', async () => {
    const schema = aSchema();
    const queues = Array.from({ length: 6 }, () => {
      const queue = pgBossQueue({ connectionString: postgresUrl(), schema });
      onTestFinished(async () => await queue.close());
      return queue;
    });
    const told: Error[] = [];
    for (const queue of queues) queue.onProblem?.((error) => told.push(error));
    expect(await Promise.all(queues.map((queue) => queue.take(1, 80_000, 'default')))).toEqual(
      queues.map(() => []),
    );
    expect(told).toEqual([]);
  });
});

/** What workers do now and then, as if they had not for a day, and as if whoever has something were dead for as long. */
async function supervise(schema: string, queue: PgBossQueue): Promise<void> {
  const past = "now() - interval '1 day'";
  await owner.query(
    `UPDATE ${schema}.queue SET monitor_on = NULL, monitor_claim_on = NULL, maintain_on = NULL`,
  );
  await owner.query(
    `UPDATE ${schema}.job SET started_on = ${past}, heartbeat_on = ${past} WHERE state = 'active'`,
  );
  await owner.query(`UPDATE ${schema}.job SET completed_on = ${past} WHERE state = 'completed'`);
  const boss = await connectionOf(queue)?.boss();
  if (!boss) throw new Error('the queue has no connection');
  await boss.supervise();
}
