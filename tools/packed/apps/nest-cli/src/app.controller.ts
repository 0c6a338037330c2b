import { Body, Controller, Get, Post } from '@nestjs/common';
import type { Vero } from '@verotrack/core';
import { InjectVero, TrackEvent } from '@verotrack/nestjs';
import { AppService } from './app.service.js';

interface Item {
  readonly name: string;
}

@Controller()
export class AppController {
  constructor(
    private readonly appService: AppService,
    @InjectVero() private readonly vero: Vero,
  ) {}

  @Get()
  getHello(): string {
    return this.appService.getHello();
  }

  @Post('cart/items')
  @TrackEvent<Item>('add_to_cart', { data: ({ result }) => ({ item_name: result.name }) })
  add(@Body() item: Item): Item {
    return item;
  }

  goodbye(): void {
    this.vero.track('logged_out', { identity: { id: '42' } });
  }
}
