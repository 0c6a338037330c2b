import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import {
  Body,
  type CallHandler,
  type CanActivate,
  Controller,
  type ExecutionContext,
  HttpCode,
  Module,
  type NestInterceptor,
  Post,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { type AbstractHttpAdapter, APP_INTERCEPTOR, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { pickIdentity } from '@verotrack/core';
import { type NestContext, TrackEvent, type TrackedRequest, VeroModule } from '@verotrack/nestjs';
import {
  added,
  dataOf,
  EVENT,
  type Item,
  type PeerCall,
  type RunningHost,
  type Shop,
  trackByHand,
  type User,
  userOf,
} from '../shop.ts';

interface ShopRequest extends TrackedRequest {
  user?: User | undefined;
  body: Item;
}

const userGuard: CanActivate = {
  canActivate: (context: ExecutionContext) => {
    const request = context.switchToHttp().getRequest<ShopRequest>();
    request.user = userOf(request.headers);
    return true;
  },
};

export const startNestOnExpress = (shop: Shop): Promise<RunningHost> => start(shop, new ExpressAdapter());
export const startNestOnFastify = (shop: Shop): Promise<RunningHost> => start(shop, new FastifyAdapter());

async function start({ tracking, vero, peer }: Shop, adapter: AbstractHttpAdapter): Promise<RunningHost> {
  class CartController {
    add(item: Item): unknown {
      return added(item);
    }
  }
  const handler = [Post('items'), HttpCode(200)];
  if (tracking === 'tracked') {
    handler.push(
      TrackEvent<unknown, ShopRequest>(EVENT, {
        data: ({ request }: NestContext<unknown, ShopRequest>) => dataOf(request.body),
      }),
    );
  }
  if (peer) handler.push(UseInterceptors(byHand(peer)));
  // Called, not written as decorators, which Node does not strip.
  const add = Object.getOwnPropertyDescriptor(CartController.prototype, 'add');
  if (add) Reflect.decorate(handler, CartController.prototype, 'add', add);
  Body()(CartController.prototype, 'add', 0);
  Reflect.decorate([Controller('cart'), UseGuards(userGuard)], CartController);

  class App {}
  const imports = vero
    ? [
        VeroModule.forRoot<ShopRequest>({
          client: vero,
          identify: ({ request }) => pickIdentity(request.user, ['id', 'email']),
        }),
      ]
    : [];
  const providers = tracking === 'idle' ? [{ provide: APP_INTERCEPTOR, useValue: IDLE_INTERCEPTOR }] : [];
  Module({ imports, providers, controllers: [CartController] })(App);

  const app = await NestFactory.create(App, adapter, { logger: false, abortOnError: false });
  await app.listen(0, '127.0.0.1');
  return { port: (app.getHttpServer().address() as AddressInfo).port, path: '/cart/items' };
}

/** With the first interceptor Nest takes another way through a request. */
const IDLE_INTERCEPTOR: NestInterceptor = { intercept: (_context, next) => next.handle() };

function byHand(peer: PeerCall): NestInterceptor {
  return {
    intercept: (context: ExecutionContext, next: CallHandler) => {
      const http = context.switchToHttp();
      const request = http.getRequest<ShopRequest>();
      const response = http.getResponse();
      trackByHand(response.raw ?? response, peer, () => ({ user: request.user, item: request.body }));
      return next.handle();
    },
  };
}
