import { Controller, Get, Module } from '@nestjs/common';
import { pickIdentity, type Vero } from '@verotrack/core';
import { InjectVero, SkipTracking, TrackEvent, type TrackedRequest, VeroModule } from '@verotrack/nestjs';

interface UserRequest extends TrackedRequest {
  readonly user?: { readonly id: string; readonly email: string };
}

interface Item {
  readonly name: string;
}

@Controller()
export class Shop {
  constructor(@InjectVero() readonly vero: Vero) {}

  @Get()
  @TrackEvent<Item, UserRequest>('viewed', {
    data: ({ result, request }) => ({ name: result.name, by: request.user?.id }),
  })
  view(): Item {
    return { name: 'hat' };
  }

  @Get('health')
  @SkipTracking()
  health(): string {
    return 'ok';
  }
}

export const tracking = VeroModule.forRootAsync<UserRequest>({
  inject: ['TOKEN'],
  useFactory: (authToken: string) => ({
    authToken,
    identify: ({ request }) => pickIdentity(request.user, ['id', 'email']),
  }),
});

@Module({ imports: [tracking], controllers: [Shop] })
export class AppModule {}
