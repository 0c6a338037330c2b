import { createVero } from '@verotrack/core';
import { events, identity } from '@verotrack/example-shop';
import { startShop } from './index.ts';

// VERO_AUTH_TOKEN and, for a local Vero, VERO_BASE_URL are in the environment.
const vero = createVero({ events, identity });
const shop = await startShop({ vero, port: Number(process.env.PORT ?? 3003) });
console.log(`The shop is at ${shop.url}`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    // Requests first: their events are still to come.
    await shop.close();
    await vero.close();
  });
}
