// #region entry
import { definePlan } from '@verotrack/plan';
import { events, vero } from './shop.ts';

export const plan = definePlan({ events, vero, trackedInCode: { purchased: 'Orders.purchase' } });
// #endregion
