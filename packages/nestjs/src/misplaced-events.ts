import { Logger } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { trackedHandlers } from './tracked-handlers.ts';

/** Every `@TrackEvent` that stands on something other than an HTTP route, where it can't have an effect. */
export function misplacedEvents(modules: ModulesContainer): string[] {
  const misplaced = [...trackedHandlers(modules)].filter(({ route }) => route === undefined);
  return misplaced.map(
    ({ name }) =>
      `@TrackEvent on ${name} has no effect: it is no HTTP route. Use vero.run and trackOnSuccess there.`,
  );
}

export function warnOfMisplacedEvents(modules: ModulesContainer): void {
  for (const message of misplacedEvents(modules)) new Logger('VeroModule').warn(message);
}
