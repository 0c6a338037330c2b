// #region example
import { Body, Controller, Module, Post, UseGuards } from '@nestjs/common';
import { pickIdentity } from '@verotrack/core';
import { TrackEvent, VeroModule } from '@verotrack/nestjs';
import { type AppRequest, AuthGuard, addToCart, type Item } from './your-app.ts';

@Controller('cart')
@UseGuards(AuthGuard)
export class CartController {
  @Post('items')
  @TrackEvent<Item>('add_to_cart', { data: ({ result }) => ({ item_name: result.name }) })
  add(@Body() item: Item): Item {
    return addToCart(item);
  }
}

// The client's options are here, too; the token comes from VERO_AUTH_TOKEN.
const tracking = VeroModule.forRoot<AppRequest>({
  identify: ({ request }) => pickIdentity(request.user, ['id', 'email']),
});

@Module({ imports: [tracking], controllers: [CartController] })
export class AppModule {}
// #endregion
