import { Logger } from '@nestjs/common';
import type { TrackedHandler } from './tracked-handlers.ts';

/** Every `@TrackEvent` that stands on something other than an HTTP route, where it can't have an effect. */
export function misplacedEvents(handlers: readonly TrackedHandler[]): string[] {
  const misplaced = handlers.filter(({ route }) => route === undefined);
  return misplaced.map(
    ({ name }) =>
      `@TrackEvent on ${name} has no effect: it is no HTTP route. Use vero.run and trackOnSuccess there.`,
  );
}

export function warnOfMisplacedEvents(handlers: readonly TrackedHandler[]): void {
  for (const message of misplacedEvents(handlers)) new Logger('VeroModule').warn(message);
}
