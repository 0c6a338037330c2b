import { Logger } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { declarationsOf } from './decorators.ts';

/** What Nest's route decorators leave on a handler. */
const ROUTE_METHOD = 'method';

/** Warns of every `@TrackEvent` that stands on something other than an HTTP route, where it can't have an effect. */
export function warnOfMisplacedEvents(modules: ModulesContainer): void {
  for (const module of modules.values()) {
    for (const { metatype } of [...module.controllers.values(), ...module.providers.values()]) {
      if (typeof metatype !== 'function' || !metatype.prototype) continue;
      for (const [name, handler] of handlersOf(metatype.prototype as object)) {
        if (declarationsOf(handler).length === 0 || Reflect.hasMetadata(ROUTE_METHOD, handler)) continue;
        new Logger('VeroModule').warn(
          `@TrackEvent on ${metatype.name}.${name} has no effect: it is no HTTP route. Use vero.run and trackOnSuccess there.`,
        );
      }
    }
  }
}

function* handlersOf(prototype: object): Iterable<[name: string, handler: object]> {
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const handler: unknown = Object.getOwnPropertyDescriptor(prototype, name)?.value;
    if (typeof handler === 'function') yield [name, handler];
  }
}
