// #region example
import { createVero } from '@verotrack/core';
import { sqliteQueue } from '@verotrack/sqlite';

export const vero = createVero({ queue: sqliteQueue({ path: './vero.db' }) });

vero.track('add_to_cart', { identity: { id: '42' } }); // in the file when this returns
// #endregion
