export type { AttributesOptions } from '@verotrack/core/adapter';
export type {
  CallContext,
  CallMiddleware,
  CallOptions,
  CallResult,
  TrackCallOptions,
  TrackMeta,
} from './call.ts';
export type { ResponseOf } from './call-work.ts';
export {
  type TrackEvent,
  type TrpcTracking,
  type TrpcTrackingOptions,
  trpcTracking,
} from './trpc-tracking.ts';
