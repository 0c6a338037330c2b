/**
 * How many events a client stores in a second, and how many are delivered from what is stored by 1, 2 and 4 workers.
 * For an idle machine, with Linux.
 *
 *     node packages/pg-boss/bench/rates.ts [--events 20000] [--rounds 5] [--workers 1,2,4] [--concurrency 16,64]
 *       [--latency 0,20] [--limit 1000] [--set synchronous_commit=off]
 */
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createVero } from '@verotrack/core';
import { pgBossQueue } from '../src/index.ts';
import { Child } from './children.ts';
import { summary, table } from './figures.ts';
import { load, Server } from './server.ts';
import type { FromVero, ToVero } from './vero.ts';
import type { FromWorker, ToWorker } from './worker.ts';

const { values: given } = parseArgs({
  options: {
    events: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '5' },
    workers: { type: 'string', default: '1,2,4' },
    concurrency: { type: 'string', default: '16,64' },
    latency: { type: 'string', default: '0,20' },
    limit: { type: 'string', default: '' },
    set: { type: 'string', multiple: true, default: [] },
  },
});
const numbers = (text: string): number[] => text.split(',').map(Number);
const EVENTS = Number(given.events);
const ROUNDS = Number(given.rounds);
/** Below what the client buffers, so that none is dropped. */
const MOST_PENDING = 8_000;

interface Stored {
  readonly perSecond: number;
  readonly microsecondsPerTrack: number;
  readonly clientCpu: number;
  readonly postgresCpu: number;
  readonly walBytes: number;
}

interface Delivered {
  readonly perSecond: number;
  readonly workerCpu: number;
  readonly postgresCpu: number;
  readonly veroCpu: number;
  readonly walBytes: number;
  readonly statements: number;
}

interface Way {
  readonly workers: number;
  readonly concurrency: number;
  readonly latencyMs: number;
  readonly rounds: Delivered[];
}

const server = await Server.start(given.set);
const vero = new Child<FromVero, ToVero>('vero.ts');
const veroUrl = `http://127.0.0.1:${(await vero.told('listening')).port}`;
console.log(`${await server.description()}\n${EVENTS} events, ${ROUNDS} rounds: median (least to most)\n`);

const stored: Stored[] = [];
const ways: Way[] = numbers(given.latency).flatMap((latencyMs) =>
  numbers(given.concurrency).flatMap((concurrency) =>
    numbers(given.workers).map((workers) => ({ workers, concurrency, latencyMs, rounds: [] })),
  ),
);
let made = 0;
try {
  for (let round = 0; round < ROUNDS; round++) {
    for (const way of ways) {
      const schema = `rates_${made++}`;
      stored.push(await store(schema));
      way.rounds.push(await deliver(schema, way));
      await server.db.query(`DROP SCHEMA ${schema} CASCADE`);
    }
    console.error(`round ${round + 1}, load ${load()}`);
  }
} finally {
  await vero.end();
  await server.stop();
}
const of = <Round>(rounds: readonly Round[], figure: (round: Round) => number, digits?: number): string =>
  summary(rounds.map(figure), digits);
console.log(
  table(
    ['stored a second', 'µs for a `track`', 'µs of CPU: client', 'Postgres', 'bytes of WAL'],
    [
      [
        of(stored, (round) => round.perSecond),
        of(stored, (round) => round.microsecondsPerTrack, 1),
        of(stored, (round) => round.clientCpu),
        of(stored, (round) => round.postgresCpu),
        of(stored, (round) => round.walBytes),
      ],
    ],
  ),
);
console.log();
console.log(
  table(
    [
      'Vero answers after',
      'attempts at once',
      'workers',
      'delivered a second',
      'µs of CPU: workers',
      'Postgres',
      'Vero',
      'bytes of WAL',
      'statements',
    ],
    ways.map(({ latencyMs, concurrency, workers, rounds }) => [
      `${latencyMs} ms`,
      String(concurrency),
      String(workers),
      of(rounds, (round) => round.perSecond),
      of(rounds, (round) => round.workerCpu),
      of(rounds, (round) => round.postgresCpu),
      of(rounds, (round) => round.veroCpu),
      of(rounds, (round) => round.walBytes),
      of(rounds, (round) => round.statements, 2),
    ]),
  ),
);

/** One client stores as fast as it can. */
async function store(schema: string): Promise<Stored> {
  const client = createVero({
    authToken: 'tok_secret_bench',
    queue: pgBossQueue({ connectionString: server.url, schema }),
  });
  // So that neither connecting nor the tables are measured.
  client.track('warm_up', { identity: { id: '42' } });
  await client.flush();
  await server.db.query(`DELETE FROM ${schema}.job`);
  await server.db.query('CHECKPOINT');
  const before = await costs();
  const cpu = process.cpuUsage();
  const start = performance.now();
  let tracking = 0;
  for (let n = 0; n < EVENTS; n += 50) {
    const begin = performance.now();
    for (let i = n; i < Math.min(n + 50, EVENTS); i++) {
      client.track('add_to_cart', {
        identity: { id: String(i), email: 'jane@example.com' },
        data: { item_name: 'Blue shoes', item_price: 40 },
      });
    }
    tracking += performance.now() - begin;
    await new Promise(setImmediate);
    // Asking costs, too.
    if (n % 1_000 === 0) while (client.stats().pending > MOST_PENDING) await wait(2);
  }
  const { dropped } = await client.flush();
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const after = await costs();
  await client.close();
  if (dropped > 0) throw new Error(`${dropped} were dropped`);
  return {
    perSecond: (EVENTS / ms) * 1_000,
    microsecondsPerTrack: (tracking * 1_000) / EVENTS,
    clientCpu: (user + system) / EVENTS,
    postgresCpu: ((after.cpuMs - before.cpuMs) * 1_000) / EVENTS,
    walBytes: (after.walBytes - before.walBytes) / EVENTS,
  };
}

/** Some workers deliver what is stored. */
async function deliver(schema: string, { workers, concurrency, latencyMs }: Way): Promise<Delivered> {
  const env = {
    DATABASE_URL: server.url,
    SCHEMA: schema,
    VERO_URL: veroUrl,
    CONCURRENCY: String(concurrency),
    LIMIT: given.limit,
  };
  const children = Array.from({ length: workers }, () => new Child<FromWorker, ToWorker>('worker.ts', env));
  await Promise.all(children.map((child) => child.told('ready')));
  await server.db.query('CHECKPOINT');
  vero.tell({ expect: EVENTS, latencyMs });
  const before = await costs();
  const start = Date.now();
  for (const child of children) child.tell('deliver');
  const { at } = await vero.told('all');
  for (const child of children) child.tell('close');
  const closed = await Promise.all(children.map((child) => child.told('closed')));
  await Promise.all(children.map((child) => child.end()));
  const after = await costs();
  vero.tell('count');
  const counted = await vero.told('counted');
  const delivered = closed.reduce((sum, each) => sum + each.delivered, 0);
  const problems = closed.flatMap((each) => each.problems);
  if (delivered !== EVENTS || counted.events !== EVENTS || problems.length > 0) {
    throw new Error(`${delivered} delivered, ${counted.events} arrived; ${problems.join('; ')}`);
  }
  return {
    perSecond: (EVENTS / (at - start)) * 1_000,
    workerCpu: (closed.reduce((sum, each) => sum + each.cpuMs, 0) * 1_000) / EVENTS,
    postgresCpu: ((after.cpuMs - before.cpuMs) * 1_000) / EVENTS,
    veroCpu: (counted.cpuMs * 1_000) / EVENTS,
    walBytes: (after.walBytes - before.walBytes) / EVENTS,
    statements: (after.statements - before.statements) / EVENTS,
  };
}

interface Costs {
  readonly cpuMs: number;
  readonly walBytes: number;
  /** Each of them has a transaction of its own, but for those of retries and dead letters. */
  readonly statements: number;
}

async function costs(): Promise<Costs> {
  const { statements } = await server.one<{ statements: string }>(
    'SELECT xact_commit::text AS statements FROM pg_stat_database WHERE datname = current_database()',
  );
  return {
    cpuMs: await server.cpuMs(),
    walBytes: await server.walBytes(),
    statements: Number(statements),
  };
}
