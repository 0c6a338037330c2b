/** Our clients whose events are stored outside of the process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pgBossQueue } from '@verotrack/pg-boss';
import { sqliteQueue } from '@verotrack/sqlite';
import type { Client, ClientOptions } from './client.ts';
import { verotrack } from './verotrack.ts';

export function onSqlite(options: ClientOptions): Client {
  const folder = mkdtempSync(join(tmpdir(), 'verotrack-bench-'));
  const client = verotrack(options, { queue: sqliteQueue({ path: join(folder, 'vero.db') }) });
  return {
    ...client,
    close: async () => {
      await client.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** In the Postgres of `DATABASE_URL`, in a queue of its own. */
export function onPgBoss(options: ClientOptions): Client {
  const queue = pgBossQueue({
    connectionString: process.env.DATABASE_URL,
    queue: `bench_${process.pid}`,
    bufferCapacity: options.capacity,
    bufferMaxBytes: 2 ** 40,
  });
  return verotrack(options, { queue, handsOver: true });
}
