export type { AttributesOptions } from '@verotrack/core/adapter';
export type { NestContext, NestRequestContext, ResultOf, TrackedRequest } from './context.ts';
export {
  createTracking,
  InjectVero,
  SkipTracking,
  TrackEvent,
  type TrackEventOptions,
  type Tracking,
  VERO,
} from './decorators.ts';
export type {
  VeroModuleAsyncOptions,
  VeroModuleClientOptions,
  VeroModuleOptions,
  VeroOptionsFactory,
} from './module-options.ts';
export { VeroModule } from './vero-module.ts';
