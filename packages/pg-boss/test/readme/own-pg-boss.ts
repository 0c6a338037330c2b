// #region example
import { createVero } from '@verotrack/core';
import { pgBossQueue } from '@verotrack/pg-boss';
import { PgBoss } from 'pg-boss';

const boss = new PgBoss(process.env.DATABASE_URL ?? 'postgres://localhost/shop'); // its `supervise` is on
boss.on('error', console.error); // without a listener, a lost connection ends the process
await boss.start();
export const vero = createVero({ queue: pgBossQueue({ boss }) }); // in pg-boss's own schema: 'pgboss'
// #endregion

export { boss };
