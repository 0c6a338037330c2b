import { RequestMethod } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import type { Declaration } from '@verotrack/core/adapter';
import type { NestContext } from './context.ts';
import { declarationsOf, isSkipped } from './decorators.ts';

// What Nest's route decorators leave on a controller and on its handlers.
const ROUTE_METHOD = 'method';
const ROUTE_PATH = 'path';

/** A method with `@TrackEvent`. */
export interface TrackedHandler {
  /** `CartController.add` */
  readonly name: string;
  /** Its method and paths, `POST /cart/items`; `undefined` where it is no HTTP route, so that nothing can be emitted. */
  readonly route: string | undefined;
  /** Whether `@SkipTracking` stands on it, or on its controller. */
  readonly isSkipped: boolean;
  readonly declarations: readonly Declaration<NestContext>[];
}

/** Every `@TrackEvent` of an application, inherited ones too. */
export function* trackedHandlers(modules: ModulesContainer): Iterable<TrackedHandler> {
  for (const module of modules.values()) {
    for (const { metatype } of [...module.controllers.values(), ...module.providers.values()]) {
      if (typeof metatype !== 'function' || !metatype.prototype) continue;
      for (const [name, handler] of handlersOf(metatype.prototype as object)) {
        const declarations = declarationsOf(handler);
        if (declarations.length === 0) continue;
        yield {
          name: `${metatype.name}.${name}`,
          route: routeOf(metatype, handler),
          isSkipped: isSkipped(handler, metatype),
          declarations,
        };
      }
    }
  }
}

function* handlersOf(prototype: object): Iterable<[name: string, handler: object]> {
  const seen = new Set<string>();
  for (let at: object | null = prototype; at && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) {
      const handler: unknown = Object.getOwnPropertyDescriptor(at, name)?.value;
      if (typeof handler === 'function' && !seen.has(name)) yield [name, handler];
      seen.add(name);
    }
  }
}

/** A prefix and a version of the application are not in it: they are given when it runs. */
function routeOf(controller: object, handler: object): string | undefined {
  const method: unknown = Reflect.getMetadata(ROUTE_METHOD, handler);
  if (typeof method !== 'number') return undefined;
  const paths = pathsOf(controller).flatMap((before) =>
    pathsOf(handler).map((after) => `/${before}/${after}`.replaceAll(/\/+/g, '/').replace(/(.)\/$/, '$1')),
  );
  return `${RequestMethod[method]} ${paths.join(', ')}`;
}

function pathsOf(target: object): string[] {
  const paths = Reflect.getMetadata(ROUTE_PATH, target) as string | readonly string[] | undefined;
  return [paths ?? ''].flat();
}
