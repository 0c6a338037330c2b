/**
 * For authors of queues and transports.
 *
 * @packageDocumentation
 */
export { createWorker } from './client.ts';
export type { WorkerOptions } from './client-options.ts';
export { messageOf, VeroError } from './errors.ts';
export { holdProcess } from './hold-process.ts';
export {
  aBoolean,
  aFunction,
  anObject,
  aRate,
  aString,
  checkOptions,
  having,
  type OptionRule,
  oneOf,
  positiveInteger,
} from './options.ts';
export {
  isQueueCommand,
  QUEUE_COMMAND_OPTIONS,
  QUEUE_COMMANDS_USAGE,
  type QueueCommandOptions,
  runQueueCommand,
} from './queue/commands.ts';
export type {
  DeadLetter,
  DeadLetters,
  EventQueue,
  QueueCounts,
  QueueRecord,
  ReplayOptions,
} from './queue/contract.ts';
export { QueueListeners } from './queue/listeners.ts';
export { problemOf } from './queue/record-problem.ts';
export { sizeOf } from './queue/record-size.ts';
export { checkReplayOptions, replayedRecords } from './queue/replay.ts';
export { queueOf, recordNow } from './record-now.ts';
export { PAUSE_REASONS, type PauseReason } from './reporter.ts';
export {
  parseRetryAfter,
  type Transport,
  type TransportRequest,
  type TransportResponse,
  withCredential,
} from './transport/contract.ts';
export type { VeroWorker } from './vero.ts';
