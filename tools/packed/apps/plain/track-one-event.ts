import assert from 'node:assert/strict';
import { createVero } from '@verotrack/core';
import { pgBossQueue } from '@verotrack/pg-boss';
import { sqliteQueue } from '@verotrack/sqlite';
import { expectOneEvent } from './expect-one-event.js';

void expectOneEvent(async () => {
  // There is no database, but all that speaks to one is there: it loads when it is first needed.
  const shared = pgBossQueue({ connectionString: 'postgres://127.0.0.1:1/shop' });
  await assert.rejects(async () => shared.counts(), { code: 'ECONNREFUSED' });
  await shared.close();

  const vero = createVero({ queue: sqliteQueue({ path: './vero.db' }) });
  await vero.run({ identity: { id: '42', email: 'jane@example.com' } }, async () => {
    vero.trackOnSuccess('add_to_cart', { data: { item_name: 'Blue shoes' } });
  });
  await vero.close();
});
