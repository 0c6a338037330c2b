/** A local Vero for each test of a file, and clients of it that are closed in the end. */
import { createVero, type Vero, type VeroOptions } from '@verotrack/core';
import { type Inspector, startInspector } from '@verotrack/inspector';
import { afterEach, beforeEach } from 'vitest';

export let vero: Inspector;
const clients: Vero[] = [];

beforeEach(async () => {
  vero = await startInspector({ port: 0 });
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close({ timeout: 0 });
  await vero.close();
});

export function aClient(options: VeroOptions = {}): Vero {
  const client = createVero({
    authToken: 'tok_secret_of_telemetry',
    baseUrl: vero.url,
    logger: () => {},
    ...options,
    delivery: { retry: { baseMs: 1, maxMs: 5 }, ...options.delivery },
  });
  clients.push(client);
  return client;
}
