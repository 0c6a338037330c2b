/**
 * The client, and what applications need with it: the catalogue of events, transports, the queue in memory.
 *
 * @packageDocumentation
 */
export {
  type DataOf,
  defineEvents,
  defineIdentity,
  type EventCatalogue,
  type EventDefinitions,
  type EventInput,
  type EventName,
  type EventNotes,
  type EventOutput,
  event,
  type IdentityDefinition,
  type IdentityInput,
  type NoData,
  type OpenCatalogue,
  type OpenIdentity,
  type TypedEvent,
} from './catalogue.ts';
export { createVero } from './client.ts';
export type { AnyVeroOptions, DeliveryOptions, VeroOptions } from './client-options.ts';
export type { CredentialSource } from './delivery/credential.ts';
export type { SendCandidate } from './delivery/decisions.ts';
export type { RetryOptions } from './delivery/retry.ts';
export {
  DeliveryError,
  type DeliveryFailure,
  type EventIssue,
  InvalidEventError,
  isVeroError,
  VeroError,
  type VeroErrorCode,
} from './errors.ts';
export type {
  CommonEventOptions,
  EventArguments,
  EventData,
  EventOptions,
  EventOptionsWithData,
  Identity,
  Outcome,
  PendingEvent,
  SkipReason,
} from './event.ts';
export type { EventInfo } from './event-info.ts';
export { type IdentityRules, type PickedIdentity, pickIdentity, type SentIdentity } from './identity.ts';
export {
  buildTrackPayload,
  type PayloadOptions,
  type TrackEvent,
  type TrackExtras,
  type TrackPayload,
} from './payload.ts';
export type { Json } from './plain-json.ts';
export type {
  DeadLetter,
  DeadLetters,
  EventQueue,
  QueueCounts,
  QueueRecord,
  ReplayOptions,
} from './queue/contract.ts';
export { type MemoryQueueOptions, memoryQueue } from './queue/memory.ts';
export type { DropReason, Logger, PauseReason, VeroEvents, VeroListener } from './reporter.ts';
export type {
  SchemaInput,
  SchemaOutput,
  StandardIssue,
  StandardResult,
  StandardSchema,
  StandardSchemaProps,
} from './schema.ts';
export type { Transport, TransportRequest, TransportResponse } from './transport/contract.ts';
export { type KyTransportOptions, kyTransport } from './transport/ky.ts';
export { type UndiciTransportOptions, undiciTransport } from './transport/undici.ts';
export type {
  AnyVero,
  FlushLimits,
  FlushResult,
  RunScope,
  SendLimits,
  Vero,
  VeroHealth,
  VeroStats,
} from './vero.ts';
