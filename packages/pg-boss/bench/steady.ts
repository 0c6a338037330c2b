/**
 * What a worker costs that has little to do, and how soon after `track` an event is with Vero. For Linux.
 *
 *     node packages/pg-boss/bench/steady.ts [--rates 0,1,10,100,500] [--seconds 30] [--latency 100]
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
    rates: { type: 'string', default: '0,1,10,100,500' },
    seconds: { type: 'string', default: '30' },
    latency: { type: 'string', default: '100' },
  },
});
const SECONDS = Number(given.seconds);
const latencyMs = Number(given.latency);

const server = await Server.start([]);
const vero = new Child<FromVero, ToVero>('vero.ts');
const veroUrl = `http://127.0.0.1:${(await vero.told('listening')).port}`;
console.log(`${await server.description()}\n${SECONDS} seconds, Vero answers after ${latencyMs} ms\n`);
const rows: string[][] = [];
try {
  for (const rate of given.rates.split(',').map(Number)) rows.push(await steady(rate));
} finally {
  await vero.end();
  await server.stop();
}
console.log(
  table(
    [
      'events a second',
      'of a CPU: worker',
      'Postgres',
      'ms from `track` to Vero: median (least to most)',
      'load',
    ],
    rows,
  ),
);

async function steady(rate: number): Promise<string[]> {
  const schema = `steady_${rate}`;
  const client = createVero({
    authToken: 'tok_secret_bench',
    queue: pgBossQueue({ connectionString: server.url, schema }),
  });
  client.track('warm_up', { identity: { id: '42' }, data: { tracked_at: Date.now() } });
  await client.flush();
  const events = rate * SECONDS;
  // The first of all is the one that warmed up.
  vero.tell({ expect: events + 1, latencyMs, readsDelays: true });
  const env = { DATABASE_URL: server.url, SCHEMA: schema, VERO_URL: veroUrl, CONCURRENCY: '16' };
  const worker = new Child<FromWorker, ToWorker>('worker.ts', env);
  await worker.told('ready');
  const cpuBefore = await server.cpuMs();
  worker.tell('deliver');
  const start = Date.now();
  for (let n = 0; n < events; n++) {
    const due = start + (n / rate) * 1_000;
    if (due > Date.now()) await wait(due - Date.now());
    client.track('add_to_cart', { identity: { id: String(n) }, data: { tracked_at: Date.now() } });
  }
  await vero.told('all');
  if (rate === 0) await wait(SECONDS * 1_000);
  const seconds = (Date.now() - start) / 1_000;
  const postgres = ((await server.cpuMs()) - cpuBefore) / 1_000 / seconds;
  worker.tell('close');
  const { cpuMs } = await worker.told('closed');
  await worker.end();
  await client.close();
  vero.tell('delays');
  const [, ...delays] = (await vero.told('delays')).delays;
  const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;
  return [String(rate), percent(cpuMs / 1_000 / seconds), percent(postgres), summary(delays), load()];
}
