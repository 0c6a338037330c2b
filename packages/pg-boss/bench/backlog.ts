/**
 * What the calls of the queue cost when much waits, when much of it waits for its time, and after much was delivered.
 * 10 million events need 10 GB of disk for a while. For an idle machine.
 *
 *     node packages/pg-boss/bench/backlog.ts [--sizes 10000,100000,1000000,10000000] [--deferred 1000000]
 *       [--churn 200000] [--set shared_buffers=2GB]
 */
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { type PgBossQueue, pgBossQueue } from '../src/index.ts';
import { connectionOf } from '../src/pg-boss-queue.ts';
import { summary, table } from './figures.ts';
import { fill, storeFirst } from './fill.ts';
import { load, Server } from './server.ts';

const { values: given } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10000,100000,1000000,10000000' },
    deferred: { type: 'string', default: '1000000' },
    churn: { type: 'string', default: '200000' },
    set: { type: 'string', multiple: true, default: [] },
  },
});
const SIZES = given.sizes.split(',').map(Number);
const DEFERRED = Number(given.deferred);
const CHURN = Number(given.churn);
const BATCH = 16;
const LEASE_MS = 80_000;
const CALLS = 100;
const SLOW_CALLS = 3;

const CALLS_HEAD = [
  `\`take\` of ${BATCH}`,
  `\`ack\` of ${BATCH}`,
  '`nextDueAt`',
  '`counts`',
  'supervision: monitor',
  'and maintenance',
];

const CHURN_HEAD = ['delivered', `\`take\` of ${BATCH}`, '`ack`', '`nextDueAt`', 'dead rows', 'vacuumed'];

const server = await Server.start(given.set);
console.log(`${await server.description()}\nMilliseconds a call: median (least to most)\n`);
let made = 0;
try {
  const whole = await open();
  const rows: string[][] = [];
  for (const [i, size] of SIZES.entries()) {
    await fill(server, whole.schema, [SIZES[i - 1] ?? 0, size]);
    rows.push([size.toLocaleString('en-US'), ...(await callsOf(whole)), await sizeOf(whole.schema)]);
    console.error(`${size}, load ${load()}`);
  }
  print('All due', ['waiting', ...CALLS_HEAD, 'table and indexes'], rows);
  print(`${CHURN} of them delivered`, CHURN_HEAD, await churn(whole));
  await close(whole);

  if (DEFERRED > 0)
    print(`${DEFERRED} waiting, of which`, ['are due later', ...CALLS_HEAD], await deferred());
} finally {
  await server.stop();
}

interface Opened {
  readonly schema: string;
  readonly queue: PgBossQueue;
}

async function open(): Promise<Opened> {
  const schema = `backlog_${made++}`;
  const queue = pgBossQueue({ connectionString: server.url, schema });
  await storeFirst(server, schema, queue);
  return { schema, queue };
}

async function close({ schema, queue }: Opened): Promise<void> {
  await queue.close();
  await server.db.query(`DROP SCHEMA ${schema} CASCADE`);
}

function print(title: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
  console.log(`${title}:\n\n${table(head, rows)}\n`);
}

async function msOf(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function callsOf({ queue, schema }: Opened): Promise<string[]> {
  const [takes, acks, dues, counts, monitor, maintain]: number[][] = [[], [], [], [], [], []];
  for (let i = 0; i < CALLS; i++) {
    let ids: string[] = [];
    takes?.push(
      await msOf(async () => {
        ids = (await queue.take(BATCH, LEASE_MS, 'default')).map(({ id }) => id);
      }),
    );
    if (ids.length > 0) acks?.push(await msOf(() => queue.ack(ids)));
    dues?.push(await msOf(() => queue.nextDueAt('default')));
  }
  for (let i = 0; i < SLOW_CALLS; i++) {
    counts?.push(await msOf(() => queue.counts()));
    monitor?.push(await supervision(queue, schema, false));
    maintain?.push(await supervision(queue, schema, true));
  }
  return [takes, acks, dues, counts, monitor, maintain].map((all) => summary(all ?? [], 1));
}

/** pg-boss monitors and maintains when it is time, which is now. */
async function supervision(queue: PgBossQueue, schema: string, maintains: boolean): Promise<number> {
  await server.db.query(
    `UPDATE ${schema}.queue SET monitor_claim_on = NULL, monitor_on = NULL,
       maintain_on = CASE WHEN $1 THEN NULL ELSE now() END`,
    [maintains],
  );
  const boss = await connectionOf(queue)?.boss();
  return await msOf(() => boss?.supervise());
}

async function sizeOf(schema: string): Promise<string> {
  const { size } = await server.one<{ size: string }>(
    `SELECT pg_size_pretty(pg_table_size('${schema}.job_common')) || ', ' ||
       pg_size_pretty(pg_indexes_size('${schema}.job_common')) AS size`,
  );
  return size;
}

/** First with a transaction that was left open, which holds up all vacuuming, and then without. */
async function churn(opened: Opened): Promise<string[][]> {
  const rows: string[][] = [];
  rows.push(...(await churned(opened, CHURN)));
  const holder = new pg.Client({ connectionString: server.url });
  await holder.connect();
  await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  await holder.query('SELECT 1');
  rows.push(['a transaction is left open', '', '', '', '', '']);
  rows.push(...(await churned(opened, CHURN)));
  await holder.end();
  rows.push(['it has ended', '', '', '', '', '']);
  rows.push(...(await churned(opened, CHURN / 4)));
  return rows;
}

async function churned({ queue, schema }: Opened, events: number): Promise<string[][]> {
  const rows: string[][] = [];
  const step = CHURN / 4;
  for (let done = step; done <= events; done += step) {
    const [takes, acks, dues]: [number[], number[], number[]] = [[], [], []];
    for (let n = 0; n < step; n += BATCH) {
      let ids: string[] = [];
      takes.push(
        await msOf(async () => {
          ids = (await queue.take(BATCH, LEASE_MS, 'default')).map(({ id }) => id);
        }),
      );
      acks.push(await msOf(() => queue.ack(ids)));
      if (n % (BATCH * 50) === 0) dues.push(await msOf(() => queue.nextDueAt('default')));
    }
    // The server's counters lag by a second.
    await wait(1_100);
    const { dead, vacuumed } = await server.one<{ dead: string; vacuumed: string }>(
      `SELECT n_dead_tup::text AS dead, autovacuum_count::text AS vacuumed FROM pg_stat_user_tables
       WHERE schemaname = $1 AND relname = 'job_common'`,
      [schema],
    );
    rows.push([
      done.toLocaleString('en-US'),
      ...[takes, acks, dues].map((all) => summary(all, 1)),
      Number(dead).toLocaleString('en-US'),
      vacuumed,
    ]);
    console.error(`churned ${done}, load ${load()}`);
  }
  return rows;
}

/** Those that wait for their time are the oldest, so that a fetch meets them first; or they are between the others. */
async function deferred(): Promise<string[][]> {
  const ways = [
    { name: 'none', due: 'at' },
    { name: 'every other', due: "CASE WHEN i % 2 = 0 THEN at + interval '1 day' ELSE at END" },
    { name: 'the older half', due: `CASE WHEN i < ${DEFERRED / 2} THEN at + interval '1 day' ELSE at END` },
    { name: 'all', due: "at + interval '1 day'" },
  ];
  const rows: string[][] = [];
  for (const { name, due } of ways) {
    const opened = await open();
    await fill(server, opened.schema, [0, DEFERRED], due);
    rows.push([name, ...(await callsOf(opened))]);
    await close(opened);
    console.error(`deferred ${name}, load ${load()}`);
  }
  return rows;
}
