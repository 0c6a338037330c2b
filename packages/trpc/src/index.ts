/**
 * Event tracking for tRPC 11, on any of its adapters.
 *
 * @packageDocumentation
 */
export type { AttributesOptions } from '@verotrack/core/adapter';
export type {
  CallConditions,
  CallContext,
  CallMiddleware,
  CallOptions,
  CallResult,
  TrackCallOptions,
  TrackMeta,
} from './call.ts';
export type { ResponseOf } from './call-work.ts';
export {
  type TrackCall,
  type TrackEvent,
  type TrpcTracking,
  type TrpcTrackingOptions,
  trpcTracking,
} from './trpc-tracking.ts';
