import type { AnyVero } from '@verotrack/core';

export function watch(vero: AnyVero): void {
  // #region watch
  vero.on('skipped', ({ name, reason, route }) => console.log(`${name} skipped: ${reason} (${route})`));
  vero.on('retrying', ({ event, error }) => console.log(`${event.name} is tried again: ${error.message}`));
  vero.on('delivered', ({ event }) => console.log(`${event.name} delivered`));
  // #endregion
}
