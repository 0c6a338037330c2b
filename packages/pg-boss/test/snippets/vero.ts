// #region client
import { createVero } from '@verotrack/core';
import { pgBossQueue } from '@verotrack/pg-boss';

export const vero = createVero({ queue: pgBossQueue({ connectionString: process.env.DATABASE_URL }) });
// #endregion
