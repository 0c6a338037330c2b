import { createVero } from '@verotrack/core';
import { events, identity } from '@verotrack/example-shop';
import { definePlan } from '@verotrack/plan';
import { appModule } from './src/app.module.ts';

export const plan = definePlan({
  title: 'What the Nest shop tracks',
  module: appModule(createVero({ events, identity })),
  trackedInCode: { purchased: 'Orders.purchase' },
});
