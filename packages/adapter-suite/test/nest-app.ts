import 'reflect-metadata';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { pickIdentity, type Vero } from '@verotrack/core';
import { VeroModule } from '@verotrack/nestjs';
import { withApp } from '../src/app.ts';
import { type Bench } from '../src/bench.ts';
import { type UserRequest } from '../src/hosts/nest.ts';
import { userOf } from '../src/scenario.ts';

export const identify = ({ request }: { request: UserRequest }) => {
  const { 'x-user': id } = request.headers;
  return typeof id === 'string' ? pickIdentity(userOf(id), ['id', 'email']) : undefined;
};

export type Platform = () => AbstractHttpAdapter;

export const onExpress: Platform = () => new ExpressAdapter();

/** Serves controllers with Nest on a platform, with tracking. */
export async function withNest(
  platform: Platform,
  controllers: readonly Type[],
  test: (bench: Bench) => Promise<void>,
  {
    providers = [],
    imports,
  }: { providers?: readonly Type[]; imports?: (vero: Vero) => DynamicModule[] } = {},
): Promise<void> {
  await withApp(async (vero) => {
    const modules = imports?.(vero) ?? [VeroModule.forRoot<UserRequest>({ client: vero, identify })];
    @Module({ imports: modules, controllers: [...controllers], providers: [...providers] })
    class App {}
    const app = await NestFactory.create(App, platform(), { logger: false, abortOnError: false });
    await app.listen(0, '127.0.0.1');
    const close = async (): Promise<void> => {
      app.getHttpServer().closeAllConnections();
      await app.close();
    };
    return { url: await app.getUrl(), close };
  }, test);
}

export const bought: readonly { name: string; by: string }[] = [{ name: 'bought', by: '42' }];
