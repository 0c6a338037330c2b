// #region entry
import { definePlan } from '@verotrack/plan';
import { vero } from './shop.ts';

export const plan = definePlan({ vero, trackedInCode: { purchased: 'Orders.purchase' } });
// #endregion
