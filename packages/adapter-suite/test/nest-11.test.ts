import 'reflect-metadata';
import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import core from '@nestjs/core/package.json' with { type: 'json' };
import { Observable } from 'rxjs';
import { expect, test } from 'vitest';

@Injectable()
class Greeter {
  hello(): Observable<string> {
    return new Observable((subscriber) => {
      subscriber.next('hello');
      subscriber.complete();
    });
  }
}

@Controller()
class Home {
  constructor(private readonly greeter: Greeter) {}

  @Get()
  home(): Observable<string> {
    return this.greeter.hello();
  }
}

@Module({ controllers: [Home], providers: [Greeter] })
class App {}

test('an application on Nest 11 answers', async () => {
  expect(core.version).toMatch(/^11\./);
  const app = await NestFactory.create(App, { logger: false });
  await app.listen(0, '127.0.0.1');
  try {
    const answer = await fetch(await app.getUrl());
    expect(await answer.text()).toBe('hello');
  } finally {
    await app.close();
  }
});
