import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { initTRPC } from '@trpc/server';
import { createVero, defineEvents, event } from '@verotrack/core';
import { definePlan, toMarkdown, trackingPlan } from '@verotrack/plan';

const events = defineEvents({ logged_out: event() });
const t = initTRPC.create();
const router = t.router({ deep: t.router({ ask: t.procedure.query(() => 'answer') }) });

@Module({})
class AppModule {}

export const plan = definePlan({
  events,
  vero: createVero({ events, enabled: false }),
  router,
  module: [AppModule, { module: AppModule }],
});

export async function print(): Promise<string> {
  const app = await NestFactory.create(AppModule);
  return toMarkdown(await trackingPlan({ module: app, trackedInCode: { logged_out: 'Sessions.end' } }));
}
