// #region example
import {
  Body,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Module,
  Post,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { pickIdentity } from '@verotrack/core';
import { TrackEvent, type TrackedRequest, VeroModule } from '@verotrack/nestjs';
import { type TokenUser, userOf } from './tokens.ts';

interface AppRequest extends TrackedRequest {
  user?: TokenUser;
}

class TokenGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AppRequest>();
    const user = await userOf(request.headers.authorization);
    if (!user) throw new UnauthorizedException();
    request.user = user;
    return true;
  }
}

@Controller('cart')
@UseGuards(TokenGuard)
export class CartController {
  @Post('items')
  @TrackEvent<{ name: string }>('add_to_cart', { data: ({ result }) => ({ item_name: result.name }) })
  add(@Body() { name }: { name: string }): { name: string } {
    return { name };
  }
}

// `identify` is asked again after the guards: they know who it is.
const tracking = VeroModule.forRoot<AppRequest>({
  identify: ({ request }) => pickIdentity(request.user, ['id', 'email']),
});

@Module({ imports: [tracking], controllers: [CartController] })
export class AppModule {}
// #endregion
