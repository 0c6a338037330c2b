import { createVero } from '@verotrack/core';
import { events, identity } from '@verotrack/example-shop';
import { pgBossQueue } from '@verotrack/pg-boss';
import { definePlan } from '@verotrack/plan';
import { createApp } from './src/app.ts';
import { openDatabase } from './src/database.ts';

// Nobody is asked for anything: neither opens a connection before it is used.
const connectionString = 'postgres://localhost';
const vero = createVero({ events, identity, queue: pgBossQueue({ connectionString }) });
createApp(vero, openDatabase(connectionString));

export const plan = definePlan({
  title: 'What the shop with the outbox tracks',
  vero,
  trackedInCode: { purchased: 'Orders.place' },
});
