import { type DynamicModule, Module } from '@nestjs/common';
import { pickIdentity, type Vero } from '@verotrack/core';
import { Users } from '@verotrack/example-shop';
import { VeroModule } from '@verotrack/nestjs';
import { AccountsController } from './accounts.controller.ts';
import { type ShopRequest, Tokens } from './auth.ts';
import { Orders } from './orders.ts';
import { CatalogueController, ShopController } from './shop.controller.ts';

@Module({
  controllers: [AccountsController, CatalogueController, ShopController],
  providers: [Orders, Tokens, Users],
})
export class AppModule {
  static with(client: Vero): DynamicModule {
    const tracking = VeroModule.forRoot<ShopRequest>({
      client,
      // Never the whole row: it has the password's hash in it.
      identify: ({ request }) => pickIdentity(request.user, ['id', 'email', 'plan']),
    });
    return { module: AppModule, imports: [tracking] };
  }
}
