import 'reflect-metadata';
import { StandardSchemaValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { closeInTime, type Shop, type ShopVero } from '@verotrack/example-shop';
import { appModule } from './app.module.ts';

/** Starts the shop, on any free port unless told otherwise. The client stays the caller's. */
export async function startShop({ vero, port = 0 }: { vero: ShopVero; port?: number }): Promise<Shop> {
  const app = await NestFactory.create(appModule(vero), {
    // The recommendations fail on purpose; a real shop would log errors, too.
    logger: ['fatal', 'warn'],
    abortOnError: false,
  });
  app.useGlobalPipes(new StandardSchemaValidationPipe());
  await app.listen(port, '127.0.0.1');
  return { url: await app.getUrl(), close: () => closeInTime(app.getHttpServer(), () => app.close()) };
}
