import { Inject } from '@nestjs/common';
import type {
  EventCatalogue,
  EventInput,
  IdentityDefinition,
  IdentityInput,
  OpenIdentity,
} from '@verotrack/core';
import {
  type Declaration,
  type DeclarationArguments,
  declareEvent,
  type HttpConditions,
  type HttpDeclarationOptions,
  type MaybePromise,
} from '@verotrack/core/adapter';
import type { NestContext, TrackedRequest } from './context.ts';

/** The injection token of the client. */
export const VERO: unique symbol = Symbol.for('verotrack.nestjs.client') as never;

const DECLARATIONS = Symbol.for('verotrack.nestjs.declarations');
const SKIPPED = Symbol.for('verotrack.nestjs.skipped');

/** The options of {@link TrackEvent}. */
export type TrackEventOptions<Result = unknown, Request = TrackedRequest> = HttpDeclarationOptions<
  NestContext<Result, Request>
>;

/**
 * Emits the event when the route succeeded: its handler ended without an error, and the response was sent whole, with a
 * status from 200 to 399. May be repeated. `Result` types what the handler gives: as that, or as the handler's own type;
 * `Request` types the request.
 *
 * @example
 * @TrackEvent<CartController['add']>('add_to_cart', { data: ({ result }) => ({ item_name: result.name }) })
 * @throws {VeroError} `VERO_CONFIG`, when the class is defined, for a bad name or option
 */
export function TrackEvent<Result = unknown, Request = TrackedRequest>(
  name: string,
  options?: TrackEventOptions<Result, Request>,
): MethodDecorator {
  const declaration = declareEvent('@TrackEvent', name, options);
  return (_target, _key, descriptor) => {
    const handler = descriptor.value as object;
    // A new list: the one found here may be the parent class's.
    Reflect.defineMetadata(DECLARATIONS, [declaration, ...declarationsOf(handler)], handler);
  };
}

/** The decorators of an application with a catalogue. */
export interface CatalogueTracking<
  Events extends EventCatalogue,
  User extends IdentityDefinition = OpenIdentity,
> {
  /**
   * {@link TrackEvent}, which knows the catalogue. What a callback gets is typed where the callback says so:
   * `NestContext<Item>`, or `NestContext<CartController['add'], AppRequest>`.
   *
   * @example
   * @TrackEvent('add_to_cart', { data: ({ result }: NestContext<Item>) => ({ item_name: result.name }) })
   * @throws {VeroError} `VERO_CONFIG`, when the class is defined, for a bad name or option
   */
  TrackEvent<
    Name extends keyof Events['definitions'] & string,
    Returned extends MaybePromise<EventInput<Events, Name>>,
    Context extends NestContext = NestContext,
  >(
    name: Name,
    ...options: DeclarationArguments<
      Events,
      Name,
      Context,
      HttpConditions<Context, IdentityInput<User>>,
      Returned
    >
  ): MethodDecorator;
}

/**
 * Decorators that know a catalogue: they stand on classes, which no module can type. Both arguments are there for their types;
 * when the application starts, the module holds every event against the catalogue of its client.
 *
 * @param _identity - what `defineIdentity` made, where users are typed, too
 * @example
 * export const { TrackEvent } = createTracking(events);
 */
export function createTracking<Events extends EventCatalogue, User extends IdentityDefinition = OpenIdentity>(
  _events: Events,
  _identity?: User,
): CatalogueTracking<Events, User> {
  return { TrackEvent: (name, ...[options]) => TrackEvent(name, options as TrackEventOptions) };
}

/** No `@TrackEvent` of this handler, or of any handler of this controller, emits. */
export function SkipTracking(): MethodDecorator & ClassDecorator {
  return (target: object, _key?: string | symbol, descriptor?: { value?: unknown }) => {
    Reflect.defineMetadata(SKIPPED, true, (descriptor?.value as object | undefined) ?? target);
  };
}

/** Injects the client. */
export function InjectVero(): PropertyDecorator & ParameterDecorator {
  return Inject(VERO);
}

export function declarationsOf(handler: object): readonly Declaration<NestContext>[] {
  return (Reflect.getMetadata(DECLARATIONS, handler) as Declaration<NestContext>[] | undefined) ?? [];
}

export function isSkipped(handler: object, controller: object): boolean {
  return [handler, controller].some((target) => Reflect.getMetadata(SKIPPED, target) === true);
}
