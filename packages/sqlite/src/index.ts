/**
 * A durable queue in the process, on `node:sqlite`.
 *
 * @packageDocumentation
 */
export type { DeadLetterTable } from './dead-letters.ts';
export type { SqliteQueueOptions } from './options.ts';
export { type SqliteQueue, type SqliteQueueCounts, sqliteQueue } from './sqlite-queue.ts';
