// #region controller
import { Body, Controller, Post, UseGuards } from '@nestjs/common';
import { TrackEvent } from '@verotrack/nestjs';
import { AuthGuard, addToCart, type Item } from './your-app.ts';

@Controller('cart')
@UseGuards(AuthGuard)
export class CartController {
  @Post('items')
  @TrackEvent<Item>('add_to_cart', { data: ({ result }) => ({ item_name: result.name }) })
  add(@Body() item: Item): Item {
    return addToCart(item);
  }
}
// #endregion
