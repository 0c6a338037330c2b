import { setTimeout as wait } from 'node:timers/promises';
import { startPostgres } from '@verotrack/test-postgres';
import pg from 'pg';
import { pgBossQueue } from '../../src/index.ts';
import { AnsweringVero } from '../answering-vero.ts';
import { type Books, duplicates, isClosed, Orders } from './books.ts';
import { Fleet } from './fleet.ts';
import { type Batch, SCHEMA, type Stats } from './messages.ts';

export interface KillOptions {
  /** How many events are to be accepted. */
  readonly events: number;
  /** Decides who is killed when. How far each of them got then is the machine's doing. */
  readonly seed: number;
  readonly workers: number;
  readonly producers: number;
  /** How many processes are killed, beside one of each kind while Postgres is away. */
  readonly kills: number;
}

export interface KillRun {
  readonly books: Books;
  /** What the processes told, each problem once. */
  readonly problems: readonly string[];
}

/** What the processes tell because Postgres is stopped and started. */
export const AWAY =
  /Postgres can't be used|terminating connection|ECONN|Connection terminated|starting up|shutting down/;

const BATCH = 200;
/** Each so many batches, one is of orders that are made in transactions. */
const OUTBOX_EACH = 5;
/** Producers are not to be ready long before workers are. */
const MOST_AWAITED = 5_000;
/** So long after an event arrived somebody is killed at most: whatever they do just then. */
const KILL_WITHIN_MS = 50;
/** The longest that an answer takes, so that many attempts are in flight at any time. */
const SLOWEST_ANSWER_MS = 10;
/** When Postgres is restarted: after these parts of the events. */
const RESTARTS = [1 / 3, 2 / 3];
/** However slow the machine is, and the last leases with it. */
const PATIENCE_MS = 120_000;
const LOOK_MS = 100;

/** Runs a fleet, kills its processes and restarts its Postgres meanwhile, and counts. */
export async function killEverything(options: KillOptions): Promise<KillRun> {
  const { events, seed, workers, producers, kills } = options;
  const startedAt = Date.now();
  const random = seeded(seed);
  const orders = new Orders();
  let batches = 0;
  const nextBatch = (): Batch | undefined => {
    if (orders.told >= events || orders.awaited > MOST_AWAITED) return undefined;
    const from = orders.made;
    const by = batches++ % OUTBOX_EACH === 0 ? 'outbox' : 'client';
    const batch: Batch = { from, to: from + BATCH, by };
    orders.ask(batch);
    return batch;
  };
  const vero = await AnsweringVero.start();
  vero.answer = async ({ data }) => {
    orders.arrived(data.order as number);
    fleet.produce();
    await wait(random() * SLOWEST_ANSWER_MS);
    return { status: 200 };
  };
  const postgres = await startPostgres({ own: true });
  const fleet = new Fleet({
    env: { POSTGRES_URL: postgres.url, VERO_URL: vero.url },
    random,
    nextBatch,
    onAccepted: (accepted) => orders.accepted(accepted),
  });
  try {
    await query(postgres.url, 'CREATE TABLE orders (id int PRIMARY KEY)');
    for (let i = 0; i < workers; i++) fleet.start('worker');
    for (let i = 0; i < producers; i++) fleet.start('producer');
    const produced = async (part: number): Promise<void> => {
      while (orders.told < part * events) await wait(LOOK_MS);
    };
    const restartRepeatedly = async (): Promise<void> => {
      for (const part of RESTARTS) {
        await produced(part);
        const restarted = postgres.restart();
        fleet.killOne('worker');
        fleet.killOne('producer');
        await restarted;
      }
    };
    const killRepeatedly = async (): Promise<void> => {
      const parts = Array.from({ length: kills }, () => random()).sort();
      for (const part of parts) {
        await produced(part);
        await wait(random() * KILL_WITHIN_MS);
        fleet.killOne(random() < workers / (workers + producers) ? 'worker' : 'producer');
      }
    };
    await Promise.all([restartRepeatedly(), killRepeatedly(), produced(1)]);
    const counts = await drained(postgres.url);
    const stats = await fleet.close();
    const committed = await query<{ id: number }>(postgres.url, 'SELECT id FROM orders');
    const [completed] = await query<{ count: number }>(
      postgres.url,
      `SELECT COUNT(*)::int AS count FROM ${SCHEMA}.job WHERE state = 'completed'`,
    );
    const different = new Set(vero.arrivals.map(({ data }) => data.order)).size;
    const books: Books = {
      ...orders.count(new Set(committed.map(({ id }) => id))),
      ...duplicates(vero.arrivals, fleet),
      notInTheTable: different - (completed?.count ?? 0),
      ...counts,
      openBooks: workers + producers - stats.filter((each: Stats) => isClosed(each)).length,
      killedWorkers: fleet.kills.worker,
      killedProducers: fleet.kills.producer,
      restarts: RESTARTS.length,
      seconds: Math.round((Date.now() - startedAt) / 1_000),
    };
    return { books, problems: [...new Set(fleet.problems)] };
  } finally {
    await fleet.abandon();
    await vero.close();
    await postgres.stop();
  }
}

/** Resolves when nothing waits and nobody has anything, or with what is left after a long time. */
async function drained(url: string): Promise<Pick<Books, 'waiting' | 'taken' | 'deadLetters'>> {
  const queue = pgBossQueue({ connectionString: url, schema: SCHEMA });
  try {
    for (const deadline = Date.now() + PATIENCE_MS; ; await wait(LOOK_MS)) {
      const counts = await queue.counts();
      if (counts.waiting + counts.taken === 0 || Date.now() > deadline) return counts;
    }
  } finally {
    await queue.close();
  }
}

async function query<Row>(url: string, statement: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows as Row[];
  } finally {
    await client.end();
  }
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
