// #region script
import { isVeroError } from '@verotrack/core';
import { vero } from './tracking.ts';

try {
  await vero.send('trial_ended', { identity: { id: '42' }, data: { plan: 'trial' } });
} catch (error) {
  if (!isVeroError(error)) throw error;
  console.error(`${error.code}: ${error.message}`);
}
// #endregion

// #region track
vero.track('invoice_paid', { identity: { id: '42', email: 'jane@example.com' }, data: { total: 25 } });
await vero.close(); // delivers it
// #endregion
