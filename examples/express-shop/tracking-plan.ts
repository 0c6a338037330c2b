// #region plan
import { createVero } from '@verotrack/core';
import { events, identity } from '@verotrack/example-shop';
import { definePlan } from '@verotrack/plan';
import { createApp } from './src/app.ts';

const vero = createVero({ events, identity });
createApp(vero);

export const plan = definePlan({
  title: 'What the Express shop tracks',
  vero,
  trackedInCode: { purchased: 'Orders.purchase' },
});
// #endregion
