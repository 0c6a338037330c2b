// #region module
import { Module } from '@nestjs/common';
import { pickIdentity } from '@verotrack/core';
import { VeroModule } from '@verotrack/nestjs';
import { CartController } from './cart.controller.ts';
import type { AppRequest } from './your-app.ts';

@Module({
  imports: [
    // First, so that its interceptor is the outermost. It takes VERO_AUTH_TOKEN and VERO_BASE_URL from the environment.
    VeroModule.forRoot<AppRequest>({
      // Who it is, from what your guard left. Nobody: undefined, and no event.
      identify: ({ request }) => pickIdentity(request.user, ['id', 'email']),
    }),
  ],
  controllers: [CartController],
})
export class AppModule {}
// #endregion
