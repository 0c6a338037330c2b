// #region track
import { createVero } from '@verotrack/core';

export const vero = createVero({ authToken: () => readSecret('vero'), source: 'shop' });

vero.track('add_to_cart', {
  identity: { id: '42', email: 'jane@example.com' },
  data: { item_name: 'Blue shoes', item_price: 40 },
});
// #endregion

export async function mustHave(): Promise<void> {
  // #region send
  // Past the queue: resolves when Vero has the event, and rejects if it can't be had.
  await vero.send('user_signed_up', { identity: { id: '42' } }, { timeoutMs: 5_000 });
  // #endregion
}

export function watch(log: (line: string) => void): void {
  // #region watch
  vero.on('rejected', ({ event, error }) => log(`Vero refused ${event.name}: ${error.message}`));
  vero.on('dropped', ({ event, reason }) => log(`${event.name} was given up: ${reason}`));
  vero.on('invalid', ({ error }) => log(error.message)); // every issue, with its path
  vero.on('paused', ({ reason }) => log(`Vero is not taking events: ${reason}`));
  // #endregion
}

export async function shutDown(): Promise<number> {
  // #region close
  const { delivered, dropped } = await vero.close({ timeout: 10_000 });
  // #endregion
  return delivered + dropped;
}

/** Stands for a secret store; asked again when Vero refuses the token. */
async function readSecret(name: string): Promise<string> {
  return `tok_secret_of_${name}`;
}
