// #region handler
import { configure } from '@codegenie/serverless-express';
import { Body, Controller, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { pickIdentity } from '@verotrack/core';
import { TrackEvent, VeroModule } from '@verotrack/nestjs';
import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2, Context } from 'aws-lambda';
import { type AppRequest, loadUser, type Order, placeOrder } from '../your-app.ts';

@Controller('orders')
export class OrdersController {
  @Post()
  @TrackEvent<Order>('purchased', { data: ({ result }) => ({ order_id: result.id }) })
  async place(@Body() { item }: { item: string }): Promise<Order> {
    return await placeOrder(item);
  }
}

const tracking: Promise<void>[] = [];

@Module({
  imports: [
    VeroModule.forRoot<AppRequest>({
      preset: 'serverless',
      waitUntil: (promise) => tracking.push(promise),
      identify: ({ request }) => pickIdentity(request.user, ['id', 'email']),
    }),
  ],
  controllers: [OrdersController],
})
export class AppModule {}

async function start() {
  const app = await NestFactory.create(AppModule);
  app.use(loadUser);
  await app.init();
  return configure<APIGatewayProxyEventV2, APIGatewayProxyResultV2>({
    app: app.getHttpAdapter().getInstance(),
  });
}

let serve: ReturnType<typeof start> | undefined;

export async function handler(
  event: APIGatewayProxyEventV2,
  context: Context,
): Promise<APIGatewayProxyResultV2 | undefined> {
  serve ??= start().catch((error) => {
    serve = undefined; // a start that failed is tried again by the next invocation
    throw error;
  });
  const answer = await (await serve)(event, context, () => {});
  await Promise.all(tracking.splice(0));
  return answer ?? undefined;
}
// #endregion
