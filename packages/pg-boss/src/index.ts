export type { Boss, SqlDatabase } from './boss.ts';
export type { PgBossQueueOptions } from './options.ts';
export { createOutbox, type Outbox, type OutboxOptions, type TransactionEvents } from './outbox.ts';
export { type PgBossQueue, pgBossQueue } from './pg-boss-queue.ts';
export type { DrizzleSql, Transaction } from './transactions.ts';
export { createVeroWorker, type VeroWorkerOptions } from './worker.ts';
