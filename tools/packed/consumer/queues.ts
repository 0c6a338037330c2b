import { createVero } from '@verotrack/core';
import { createOutbox, createVeroWorker, pgBossQueue } from '@verotrack/pg-boss';
import { sqliteQueue } from '@verotrack/sqlite';

export const kept = sqliteQueue({ path: ':memory:' });
export const counts = kept.counts();

export const shared = pgBossQueue({ connectionString: 'postgres://127.0.0.1/shop' });
export const vero = createVero({ queue: shared, enabled: false });
export const outbox = createOutbox(vero);
export const worker = (): ReturnType<typeof createVeroWorker> => createVeroWorker({ queue: shared });
export const ofTransaction = (query: (text: string, values: unknown[]) => Promise<{ rows: unknown[] }>) =>
  outbox({ query });
