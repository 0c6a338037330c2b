/**
 * Event tracking for NestJS 11 and 12, on Express and Fastify.
 *
 * @packageDocumentation
 */
export type { AttributesOptions } from '@verotrack/core/adapter';
export type { NestContext, NestRequestContext, ResultOf, TrackedRequest } from './context.ts';
export {
  type CatalogueTracking,
  createTracking,
  InjectVero,
  SkipTracking,
  TrackEvent,
  type TrackEventOptions,
  VERO,
} from './decorators.ts';
export type {
  VeroModuleAsyncOptions,
  VeroModuleClientOptions,
  VeroModuleOptions,
  VeroOptionsFactory,
} from './module-options.ts';
export { VeroModule } from './vero-module.ts';
