/**
 * Event tracking for Express 4.18 and later, and 5.
 *
 * @packageDocumentation
 */
export type { AttributesOptions, ChooseEvents, Chosen, ChosenEvent } from '@verotrack/core/adapter';
export {
  type ErrorTrackingMiddleware,
  type ExpressContext,
  type ExpressTracking,
  type ExpressTrackingOptions,
  expressTracking,
  type RouteLabel,
  type TrackEventOptions,
  type TrackEventsOptions,
  type TrackingMiddleware,
} from './express-tracking.ts';
