import { Module, type Type } from '@nestjs/common';
import { pickIdentity } from '@verotrack/core';
import { type identity, type ShopVero, Users } from '@verotrack/example-shop';
import { VeroModule } from '@verotrack/nestjs';
import { AccountsController } from './accounts.controller.ts';
import { type ShopRequest, Tokens } from './auth.ts';
import { Orders } from './orders.ts';
import { CatalogueController, ShopController } from './shop.controller.ts';

/** The application, whose events go to `vero`. */
export function appModule(vero: ShopVero): Type {
  @Module({
    imports: [
      VeroModule.forRoot<ShopRequest, typeof identity>({
        client: vero,
        // Never the whole row: it has the password's hash in it.
        identify: ({ request }) => pickIdentity(request.user, ['id', 'email', 'plan']),
      }),
    ],
    controllers: [AccountsController, CatalogueController, ShopController],
    providers: [Orders, Tokens, Users],
  })
  class AppModule {}
  return AppModule;
}
