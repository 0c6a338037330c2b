/**
 * What an event in a transaction costs that transaction, and the first one of a process.
 *
 *     node packages/pg-boss/bench/outbox.ts
 */
import { execFileSync } from 'node:child_process';
import { createVero } from '@verotrack/core';
import { startPostgres } from '@verotrack/test-postgres';
import pg from 'pg';
import { createOutbox, pgBossQueue } from '../src/index.ts';

const TRANSACTIONS = 500;
const ROUNDS = 7;
const FIRST_EVENTS = 7;
const event = {
  identity: { id: '42', email: 'jane@example.com' },
  data: { item_name: 'Blue shoes', price: 40 },
};

type Track = (client: pg.Client) => Promise<void>;

const aClient = (connectionString: string) =>
  createVero({ authToken: 'tok_secret_bench', queue: pgBossQueue({ connectionString }), logger: () => {} });

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}

async function millisecondsPerTransaction(client: pg.Client, track: Track | undefined): Promise<number> {
  const start = performance.now();
  for (let n = 0; n < TRANSACTIONS; n++) {
    await client.query('BEGIN');
    await client.query('INSERT INTO orders (total) VALUES ($1)', [59]);
    await track?.(client);
    await client.query('COMMIT');
  }
  return (performance.now() - start) / TRANSACTIONS;
}

/** In a process that has just started, in a fleet that has run before. */
async function millisecondsOfTheFirst(url: string): Promise<number> {
  const client = await connect(url);
  const vero = aClient(url);
  await client.query('BEGIN');
  const start = performance.now();
  await createOutbox(vero)(client).track('purchased', event);
  const spent = performance.now() - start;
  await client.query('COMMIT');
  await vero.close();
  await client.end();
  return spent;
}

function spread(figures: readonly number[]): string {
  const sorted = figures.toSorted((a, b) => a - b).map((ms) => ms.toFixed(2));
  return `${sorted[Math.floor(sorted.length / 2)]} ms (${sorted[0]} to ${sorted.at(-1)})`;
}

async function compare(): Promise<void> {
  const postgres = await startPostgres();
  const client = await connect(postgres.url);
  await client.query('CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY, total integer)');
  const vero = aClient(postgres.url);
  const outbox = createOutbox(vero);
  const track: Track = (tx) => outbox(tx).track('purchased', event);
  await millisecondsPerTransaction(client, track);
  const without: number[] = [];
  const withEvent: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    without.push(await millisecondsPerTransaction(client, undefined));
    withEvent.push(await millisecondsPerTransaction(client, track));
  }
  await vero.close();
  await client.end();
  const first: number[] = [];
  for (let n = 0; n < FIRST_EVENTS; n++) {
    first.push(Number(execFileSync(process.execPath, [import.meta.filename, postgres.url])));
  }
  await postgres.stop();
  console.log(
    `Node ${process.version}; median of ${ROUNDS} rounds of ${TRANSACTIONS}, and the least and the most`,
  );
  console.log(`the order alone:              ${spread(without)}`);
  console.log(`the order and its event:      ${spread(withEvent)}`);
  console.log(`the first event of a process: ${spread(first)}`);
}

const [, , url] = process.argv;
if (url === undefined) await compare();
else console.log(await millisecondsOfTheFirst(url));
