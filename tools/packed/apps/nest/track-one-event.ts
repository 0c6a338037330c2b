import 'reflect-metadata';
import assert from 'node:assert/strict';
import { NestFactory } from '@nestjs/core';
import { toMarkdown, trackingPlan } from '@verotrack/plan';
import { AppModule } from './app.module.js';
import { addingShoes, expectOneEvent } from './expect-one-event.js';

void expectOneEvent(async () => {
  const app = await NestFactory.create(AppModule, { logger: ['error'] });
  await app.listen(0, '127.0.0.1');
  const response = await fetch(`${await app.getUrl()}/cart/items`, addingShoes);
  assert.equal(response.status, 201);
  assert.match(toMarkdown(await trackingPlan({ module: app })), /add_to_cart/);
  await app.close();
});
