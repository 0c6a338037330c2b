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
  /** The client, which `createVero` or `recordVero` made. */
  readonly client: AnyVero;
}

/** The client's options, or a client, and how the user of a request is known. */
export type VeroModuleOptions<Request = TrackedRequest, User extends IdentityDefinition = OpenIdentity> =
  | VeroModuleClientOptions<Request, User>
  | (AnyVeroOptions & RequestOptions<Request, User> & { readonly client?: never });

/** A provider that gives the options of the module, for `useClass` and `useExisting`. */
export interface VeroOptionsFactory<
  Request = TrackedRequest,
  User extends IdentityDefinition = OpenIdentity,
> {
  /** The options. Asked once, when the application starts. */
  createVeroOptions(): VeroModuleOptions<Request, User> | Promise<VeroModuleOptions<Request, User>>;
}

/** One of `useFactory`, `useClass` and `useExisting`; and `imports`, the modules of what these need. */
export interface VeroModuleAsyncOptions<
  Request = TrackedRequest,
  User extends IdentityDefinition = OpenIdentity,
> extends Pick<DynamicModule, 'imports'> {
  /** What `useFactory` is given, in this order. @default nothing */
  readonly inject?: FactoryProvider['inject'] | undefined;
  /** Gives the options, from what is injected. */
  // Parameters of a factory are whatever `inject` names; `never` takes them all.
  readonly useFactory?:
    | ((...injected: never[]) => VeroModuleOptions<Request, User> | Promise<VeroModuleOptions<Request, User>>)
    | undefined;
  /** A class that the module instantiates, and asks for the options. */
  readonly useClass?: Type<VeroOptionsFactory<Request, User>> | undefined;
  /** A provider of `imports`, which is asked for the options. */
  readonly useExisting?: InjectionToken<VeroOptionsFactory<Request, User>> | undefined;
}
