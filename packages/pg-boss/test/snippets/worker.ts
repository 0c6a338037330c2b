// #region worker
import { createVeroWorker, pgBossQueue } from '@verotrack/pg-boss';

export const worker = createVeroWorker({
  queue: pgBossQueue({ connectionString: process.env.DATABASE_URL }),
});
// #endregion
