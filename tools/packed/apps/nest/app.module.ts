import { Body, Controller, Module, Post } from '@nestjs/common';
import { pickIdentity } from '@verotrack/core';
import { TrackEvent, type TrackedRequest, VeroModule } from '@verotrack/nestjs';

interface Item {
  readonly name: string;
}

@Controller('cart')
export class CartController {
  @Post('items')
  @TrackEvent<Item>('add_to_cart', { data: ({ result }) => ({ item_name: result.name }) })
  add(@Body() item: Item): Item {
    return item;
  }
}

const users = [{ id: '42', email: 'jane@example.com', passwordHash: 'not for anybody' }];

@Module({
  imports: [
    VeroModule.forRootAsync<TrackedRequest>({
      useFactory: () => ({
        identify: ({ request }) =>
          pickIdentity(
            users.find(({ id }) => id === request.headers.authorization),
            ['id', 'email'],
          ),
      }),
    }),
  ],
  controllers: [CartController],
})
export class AppModule {}
