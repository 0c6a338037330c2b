/**
 * What `track` costs the request with each queue, and for how long a locked file holds it up.
 *
 *     node packages/sqlite/bench/track.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createVero, type EventQueue, memoryQueue, type Transport } from '@verotrack/core';
import { sqliteQueue } from '../src/index.ts';

const EVENTS = 20_000;
const ROUNDS = 7;
const event = {
  identity: { id: '42', email: 'jane@example.com' },
  data: { item_name: 'Blue shoes', item_price: 40 },
};

const folder = mkdtempSync(join(tmpdir(), 'verotrack-bench-'));
let made = 0;
const path = (): string => join(folder, `${made++}.db`);
const queues: Readonly<Record<string, () => EventQueue>> = {
  memory: () => memoryQueue({ capacity: EVENTS, maxBytes: 2 ** 31 }),
  'sqlite, normal': () => sqliteQueue({ path: path() }),
};
// So that only accepting is measured.
const transport: Transport = { send: () => new Promise(() => {}) };

async function microsecondsPerTrack(queue: EventQueue): Promise<number> {
  const vero = createVero({ authToken: 'tok_secret_bench', queue, transport, logger: () => {} });
  let spent = 0;
  for (let n = 0; n < EVENTS; n += 50) {
    const start = performance.now();
    for (let i = 0; i < 50; i++) vero.track('add_to_cart', event);
    spent += performance.now() - start;
    await new Promise(setImmediate);
  }
  await vero.close({ timeout: 0 });
  return (spent / EVENTS) * 1_000;
}

async function longestTrackWhileLocked(): Promise<number> {
  const file = path();
  const vero = createVero({
    authToken: 'tok_secret_bench',
    queue: sqliteQueue({ path: file }),
    transport,
    logger: () => {},
  });
  vero.track('add_to_cart', event);
  const other = new DatabaseSync(file);
  other.exec('BEGIN IMMEDIATE');
  let longest = 0;
  for (let n = 0; n < 200; n++) {
    const start = performance.now();
    vero.track('add_to_cart', event);
    longest = Math.max(longest, performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  other.exec('ROLLBACK');
  other.close();
  await vero.close({ timeout: 0 });
  return longest;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
const figures = new Map<string, number[]>();
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, make] of Object.entries(queues)) {
    const all = figures.get(name) ?? [];
    all.push(await microsecondsPerTrack(make()));
    figures.set(name, all);
  }
}
console.log(`Node ${process.versions.node}, ${EVENTS} events, ${ROUNDS} rounds: median (least to most)`);
for (const [name, all] of figures) {
  const [least, most] = [Math.min(...all), Math.max(...all)].map((value) => value.toFixed(1));
  console.log(`${name.padEnd(16)} ${median(all).toFixed(1)} µs per track (${least} to ${most})`);
}
console.log(`locked file: longest track ${(await longestTrackWhileLocked()).toFixed(1)} ms`);
rmSync(folder, { recursive: true });
