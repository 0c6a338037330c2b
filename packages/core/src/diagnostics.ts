/**
 * What clients and workers publish on `node:diagnostics_channel`, for whoever measures or traces them.
 *
 * @packageDocumentation
 */
export { subscribe, VERO_CHANNELS } from './diagnostics/channels.ts';
export type {
  AttemptEnd,
  AttemptMessage,
  ClientMessage,
  CreatedMessage,
  DeliveredMessage,
  DroppedMessage,
  ErrorMessage,
  EventMessage,
  InvalidMessage,
  ObservedClient,
  PausedMessage,
  RejectedMessage,
  ResumedMessage,
  RetryingMessage,
  SkippedMessage,
  VeroDiagnostics,
} from './diagnostics/messages.ts';
export { openClients } from './diagnostics/open-clients.ts';
export { PAUSE_REASONS } from './reporter.ts';
