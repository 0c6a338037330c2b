import type { DynamicModule, FactoryProvider, InjectionToken, Type } from '@nestjs/common';
import type { AnyVero, AnyVeroOptions } from '@verotrack/core';
import type { TrackingOptions } from '@verotrack/core/adapter';
import type { NestRequestContext, TrackedRequest } from './context.ts';

/** The injection token of what the module was given. */
export const OPTIONS: unique symbol = Symbol.for('verotrack.nestjs.options') as never;

type RequestOptions<Request> = TrackingOptions<NestRequestContext<Request>>;

/** A client that the application made, and closes itself. */
export interface VeroModuleClientOptions<Request = TrackedRequest> extends RequestOptions<Request> {
  readonly client: AnyVero;
}

/** The client's options, or a client, and how the user of a request is known. */
export type VeroModuleOptions<Request = TrackedRequest> =
  | VeroModuleClientOptions<Request>
  | (AnyVeroOptions & RequestOptions<Request> & { readonly client?: never });

export interface VeroOptionsFactory<Request = TrackedRequest> {
  createVeroOptions(): VeroModuleOptions<Request> | Promise<VeroModuleOptions<Request>>;
}

/** One of `useFactory`, `useClass` and `useExisting`. */
export interface VeroModuleAsyncOptions<Request = TrackedRequest> extends Pick<DynamicModule, 'imports'> {
  readonly inject?: FactoryProvider['inject'] | undefined;
  // Parameters of a factory are whatever `inject` names; `never` takes them all.
  readonly useFactory?: (
    ...injected: never[]
  ) => VeroModuleOptions<Request> | Promise<VeroModuleOptions<Request>>;
  readonly useClass?: Type<VeroOptionsFactory<Request>> | undefined;
  readonly useExisting?: InjectionToken<VeroOptionsFactory<Request>> | undefined;
}
