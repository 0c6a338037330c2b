import { Readable } from 'node:stream';
import {
  Body,
  ConflictException,
  Controller,
  Delete,
  Get,
  HttpCode,
  NotFoundException,
  Post,
  Req,
  StreamableFile,
  UseGuards,
} from '@nestjs/common';
import { catalogue, catalogueAsCsv, type Product, Users } from '@verotrack/example-shop';
import type { NestContext } from '@verotrack/nestjs';
import { z } from 'zod';
import { AuthGuard, type LoggedIn } from './auth.ts';
import { type Order, Orders } from './orders.ts';
import { TrackEvent } from './tracking.ts';

const cartItem = z.object({ productId: z.string() });
type CartItem = z.infer<typeof cartItem>;

@Controller()
export class CatalogueController {
  @Get('catalogue')
  list(): readonly Product[] {
    return catalogue;
  }
}

@Controller()
@UseGuards(AuthGuard)
export class ShopController {
  constructor(
    private readonly orders: Orders,
    private readonly users: Users,
  ) {}

  @Post('cart/items')
  @TrackEvent('add_to_cart', {
    data: ({ result }: NestContext<Product>) => ({ item_name: result.name, price: result.price }),
  })
  addToCart(@Req() { user }: LoggedIn, @Body({ schema: cartItem }) { productId }: CartItem): Product {
    const product = catalogue.find(({ id }) => id === productId);
    if (!product) throw new NotFoundException('There is no such product.');
    this.orders.addToCart(user, product);
    return product;
  }

  @Get('cart')
  @TrackEvent('viewed_cart')
  cart(@Req() { user }: LoggedIn): readonly Product[] {
    return this.orders.cartOf(user);
  }

  @Post('purchase')
  purchase(@Req() { user }: LoggedIn): Order {
    const order = this.orders.purchase(user);
    if (!order) throw new ConflictException('The cart is empty.');
    return order;
  }

  // A client that leaves before the end has exported nothing.
  @Get('catalogue/export')
  @TrackEvent('exported_catalogue')
  export(): StreamableFile {
    return new StreamableFile(Readable.from(catalogueAsCsv(), { objectMode: false }), { type: 'text/csv' });
  }

  @Get('recommendations')
  @TrackEvent('viewed_recommendations')
  recommend(): never {
    throw new Error('The recommendations are down.');
  }

  // The event still has its user, asked before the handler ran.
  @Delete('account')
  @HttpCode(204)
  @TrackEvent('deleted_account')
  deleteAccount(@Req() { user }: LoggedIn): void {
    this.users.delete(user);
  }
}
