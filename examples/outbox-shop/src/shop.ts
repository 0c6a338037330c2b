/** The shop: a process that answers requests, and sends nothing to Vero itself. */
import { createServer } from 'node:http';
import { createVero } from '@verotrack/core';
import { events, identity, listen } from '@verotrack/example-shop';
import { createApp } from './app.ts';
import { createTables, openDatabase } from './database.ts';
import { openQueue } from './queue.ts';

const { DATABASE_URL = '', HOST, PORT = '3004' } = process.env;

// #region vero
const vero = createVero({ events, identity, queue: openQueue() });
// #endregion
const db = openDatabase(DATABASE_URL);
await createTables(db);
const shop = await listen(createServer(createApp(vero, db)), Number(PORT), HOST);
console.log(`The shop is at ${shop.url}`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    // Requests first: their events are still to come.
    await shop.close();
    await vero.close();
    await db.destroy();
  });
}
