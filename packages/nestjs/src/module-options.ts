import type { DynamicModule, FactoryProvider, InjectionToken, Type } from '@nestjs/common';
import type {
  AnyVero,
  AnyVeroOptions,
  IdentityDefinition,
  IdentityInput,
  OpenIdentity,
} from '@verotrack/core';
import type { TrackingOptions } from '@verotrack/core/adapter';
import type { NestRequestContext, TrackedRequest } from './context.ts';

/** The injection token of what the module was given. */
export const OPTIONS: unique symbol = Symbol.for('verotrack.nestjs.options') as never;

type RequestOptions<Request, User extends IdentityDefinition> = TrackingOptions<
  NestRequestContext<Request>,
  IdentityInput<User>
>;

/** A client that the application made, and closes itself. */
export interface VeroModuleClientOptions<
  Request = TrackedRequest,
  User extends IdentityDefinition = OpenIdentity,
> extends RequestOptions<Request, User> {
  readonly client: AnyVero;
}

/** The client's options, or a client, and how the user of a request is known. */
export type VeroModuleOptions<Request = TrackedRequest, User extends IdentityDefinition = OpenIdentity> =
  | VeroModuleClientOptions<Request, User>
  | (AnyVeroOptions & RequestOptions<Request, User> & { readonly client?: never });

export interface VeroOptionsFactory<
  Request = TrackedRequest,
  User extends IdentityDefinition = OpenIdentity,
> {
  createVeroOptions(): VeroModuleOptions<Request, User> | Promise<VeroModuleOptions<Request, User>>;
}

/** One of `useFactory`, `useClass` and `useExisting`. */
export interface VeroModuleAsyncOptions<
  Request = TrackedRequest,
  User extends IdentityDefinition = OpenIdentity,
> extends Pick<DynamicModule, 'imports'> {
  readonly inject?: FactoryProvider['inject'] | undefined;
  // Parameters of a factory are whatever `inject` names; `never` takes them all.
  readonly useFactory?: (
    ...injected: never[]
  ) => VeroModuleOptions<Request, User> | Promise<VeroModuleOptions<Request, User>>;
  readonly useClass?: Type<VeroOptionsFactory<Request, User>> | undefined;
  readonly useExisting?: InjectionToken<VeroOptionsFactory<Request, User>> | undefined;
}
