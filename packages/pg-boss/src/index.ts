/**
 * A queue that a fleet shares, on Postgres by pg-boss, with workers and a transactional outbox.
 *
 * @packageDocumentation
 */
export type {
  Boss,
  BossTransaction,
  FetchedJob,
  JobAttempt,
  NewJob,
  SqlDatabase,
  WithDb,
} from './boss.ts';
export type { PgBossQueueOptions } from './options.ts';
export { createOutbox, type Outbox, type OutboxOptions, type TransactionEvents } from './outbox.ts';
export { type PgBossQueue, pgBossQueue } from './pg-boss-queue.ts';
export type {
  DrizzleSql,
  DrizzleTransaction,
  KnexTransaction,
  KyselyTransaction,
  PgTransaction,
  PrismaTransaction,
  Transaction,
} from './transactions.ts';
export { createVeroWorker, type VeroWorkerOptions } from './worker.ts';
