/**
 * A durable queue in the process, on `node:sqlite`.
 *
 * @packageDocumentation
 */
export type { DeadLetterTable } from './dead-letters.ts';
export {
  type SqliteQueue,
  type SqliteQueueCounts,
  type SqliteQueueOptions,
  sqliteQueue,
} from './sqlite-queue.ts';
