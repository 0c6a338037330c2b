/** For authors of queues and transports. */
export { VeroError } from './errors.ts';
export { aString, checkOptions, type OptionRule, oneOf, positiveInteger } from './options.ts';
export type {
  DeadLetter,
  DeadLetters,
  EventQueue,
  QueueCounts,
  QueueRecord,
  ReplayOptions,
} from './queue/contract.ts';
export { checkReplayOptions } from './queue/replay-options.ts';
export {
  parseRetryAfter,
  type Transport,
  type TransportRequest,
  type TransportResponse,
  withCredential,
} from './transport/contract.ts';
