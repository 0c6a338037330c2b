import { createVero } from '@verotrack/core';
import { events, identity, Users } from '@verotrack/example-shop';
import { definePlan } from '@verotrack/plan';
import { createRouter } from './src/router.ts';

const vero = createVero({ events, identity });

export const plan = definePlan({
  title: 'What the tRPC shop tracks',
  vero,
  router: createRouter(vero, new Users()),
  trackedInCode: { purchased: 'Orders.purchase' },
});
