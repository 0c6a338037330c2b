export {
  type KoaContext,
  type KoaTracking,
  type KoaTrackingOptions,
  koaTracking,
  type TrackEventOptions,
  type TrackingMiddleware,
} from './koa-tracking.ts';
