import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { QueueRecord } from '@verotrack/core';
import { contractRecord } from '@verotrack/core/queue-contract';
import { afterAll, afterEach, vi } from 'vitest';
import { type SqliteQueue, type SqliteQueueOptions, sqliteQueue } from '../src/index.ts';

export const folder: string = mkdtempSync(join(tmpdir(), 'verotrack-sqlite-'));
const opened: SqliteQueue[] = [];
let made = 0;

afterEach(async () => {
  for (const queue of opened.splice(0)) await queue.close();
  vi.restoreAllMocks();
});
afterAll(() => rmSync(folder, { recursive: true }));

export const newPath = (): string => join(folder, `queue-${made++}.db`);

/** A queue that is closed after the test. */
export function open(path: string = newPath(), options: Partial<SqliteQueueOptions> = {}): SqliteQueue {
  const queue = sqliteQueue({ path, ...options });
  opened.push(queue);
  return queue;
}

export const idsOf = (records: readonly QueueRecord[]): string[] => records.map(({ id }) => id);
export const put = (queue: SqliteQueue, ...ids: readonly string[]): string[] =>
  idsOf(queue.put(ids.map((id) => contractRecord(id))));
export const take = async (queue: SqliteQueue, n = 100): Promise<string[]> =>
  idsOf(await queue.take(n, 60_000, 'default'));

/** What lies beside the file. */
export const spillsOf = (path: string): string[] =>
  readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((name) => name.startsWith(`${path}-spill-`));
