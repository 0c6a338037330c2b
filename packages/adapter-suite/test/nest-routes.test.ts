import 'reflect-metadata';
import { once } from 'node:events';
import { connect, constants } from 'node:http2';
import { Readable } from 'node:stream';
import {
  type ArgumentsHost,
  type CanActivate,
  Catch,
  Controller,
  type DynamicModule,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  Inject,
  Injectable,
  type LoggerService,
  Module,
  type NestInterceptor,
  Post,
  Res,
  Sse,
  StreamableFile,
  type Type,
  UseFilters,
  UseGuards,
  UseInterceptors,
  VersioningType,
} from '@nestjs/common';
import { type AbstractHttpAdapter, APP_INTERCEPTOR, ExternalContextCreator, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { createVero, defineEvents, event, pickIdentity, type Vero } from '@verotrack/core';
import { InjectVero, SkipTracking, TrackEvent, VERO, VeroModule } from '@verotrack/nestjs';
import { interval, map, of, retry, startWith, take, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { message, sendAll, withApp } from '../src/app.ts';
import { type Bench, TOKEN } from '../src/bench.ts';
import { rawOf, type UserRequest } from '../src/hosts/nest.ts';
import { userOf } from '../src/scenario.ts';
import { expectOutcome } from '../src/suite.ts';

const identify = ({ request }: { request: UserRequest }) => {
  const { 'x-user': id } = request.headers;
  return typeof id === 'string' ? pickIdentity(userOf(id), ['id', 'email']) : undefined;
};

type Platform = () => AbstractHttpAdapter;

const onExpress: Platform = () => new ExpressAdapter();

async function withNest(
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

const bought = [{ name: 'bought', by: '42' }];

@Catch()
class Forgiving implements ExceptionFilter {
  catch(_thrown: unknown, host: ArgumentsHost): void {
    host.switchToHttp().getResponse().status(200).send('never mind');
  }
}

class OnlyTheFirst implements NestInterceptor {
  intercept(...[, next]: Parameters<NestInterceptor['intercept']>) {
    return next.handle().pipe(take(1));
  }
}

const tryAgain: NestInterceptor['intercept'] = (_context, next) => next.handle().pipe(retry(1));

/** Tracks what a service would, in the scope of the request. */
const sellsOn =
  (vero: Vero): NestInterceptor['intercept'] =>
  (context, next) => {
    if (context.getHandler().name === 'sell') vero.trackOnSuccess('sold');
    return next.handle();
  };

interface ResponseLike {
  status(code: number): { send(body: unknown): unknown };
}

describe.each([
  ['Express', onExpress],
  ['Fastify', () => new FastifyAdapter()],
])('Nest on %s', (_name, platform) => {
  const request = async (bench: Bench, path: string) => bench.sendMessage(message('GET', path));

  it('emits nothing when a filter turns an exception into a 200', async () => {
    @Controller()
    class Shop {
      @Get()
      @UseFilters(Forgiving)
      @TrackEvent('bought')
      buy(): never {
        throw new Error('broken');
      }
    }
    await withNest(platform, [Shop], async (bench) => {
      expect(await request(bench, '/')).toMatchObject({ status: 200, body: 'never mind' });
      await bench.settle();
      expectOutcome(bench, { events: [], skipped: ['bought: failure'] });
    });
  });

  it('emits nothing for a result that can not be written', async () => {
    @Controller()
    class Shop {
      @Get()
      @TrackEvent('bought')
      buy(): object {
        const result: Record<string, unknown> = {};
        result.itself = result;
        return result;
      }
    }
    await withNest(platform, [Shop], async (bench) => {
      expect((await request(bench, '/')).status).toBe(500);
      await bench.settle();
      expectOutcome(bench, { events: [], skipped: ['bought: failure'] });
    });
  });

  it('waits for a response that the handler writes itself, however late', async () => {
    @Controller()
    class Shop {
      @Get(':how')
      @TrackEvent('bought')
      buy(@Res() response: ResponseLike): void {
        setImmediate(() => response.status(409).send('too late'));
      }

      @Post()
      @TrackEvent('bought')
      buyWell(@Res() response: ResponseLike): void {
        setImmediate(() => response.status(201).send('fine'));
      }
    }
    await withNest(platform, [Shop], async (bench) => {
      await sendAll(bench, message('GET', '/late'), message('POST', '/'));
      await bench.settle();
      expectOutcome(bench, { events: bought, skipped: ['bought: failure'] });
    });
  });

  it('emits one event for a handler that gives several values, with the last, and none when they end in an error', async () => {
    @Controller()
    class Shop {
      @Get('several')
      @TrackEvent<number>('bought', { data: ({ result }) => ({ result }) })
      several() {
        return of(1, 2, 3).pipe(map((n) => n * 10));
      }

      @Get('broken')
      @TrackEvent('bought')
      broken() {
        return throwError(() => new Error('broken'));
      }

      @Get('first')
      @UseInterceptors(new OnlyTheFirst())
      @TrackEvent<number>('bought', { data: ({ result }) => ({ result }) })
      first() {
        return interval(1);
      }
    }
    await withNest(platform, [Shop], async (bench) => {
      for (const path of ['/several', '/broken', '/first']) await request(bench, path);
      await bench.settle();
      const [{ name, by } = { name: '', by: '' }] = bought;
      expectOutcome(bench, {
        events: [
          { name, by, data: { result: 30 } },
          { name, by, data: { result: 0 } },
        ],
        skipped: ['bought: failure'],
      });
    });
  });

  it('emits an event for a stream of server-sent events that ended, and none for one that broke', async () => {
    @Controller()
    class Shop {
      @Sse('whole')
      @TrackEvent('watched')
      whole() {
        return of({ data: 'one' }, { data: 'two' });
      }

      @Sse('broken')
      @TrackEvent('watched')
      broken() {
        return throwError(() => new Error('broken'));
      }
    }
    await withNest(platform, [Shop], async (bench) => {
      expect((await request(bench, '/whole')).body).toContain('two');
      await request(bench, '/broken').catch(() => undefined);
      await bench.settle();
      expectOutcome(bench, { events: [{ name: 'watched', by: '42' }], skipped: ['watched: failure'] });
    });
  });

  it('emits what is handled although its client left before the guards were done', async () => {
    let reached = (): void => {};
    const waiting = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const slow: CanActivate = {
      canActivate: (context: ExecutionContext) => {
        const response = rawOf(context.switchToHttp().getResponse());
        reached();
        return once(response, 'close').then(() => true);
      },
    };
    @Controller()
    class Shop {
      @Post()
      @UseGuards(slow)
      @TrackEvent('bought', { on: 'handled' })
      @TrackEvent('answered')
      buy(): string {
        return 'done';
      }
    }
    await withNest(platform, [Shop], async (bench) => {
      const connection = await bench.connect();
      connection.writeMessages(message('POST', '/'));
      await waiting;
      connection.leave();
      await bench.arrived(1);
      await bench.settle();
      expectOutcome(bench, { events: bought, skipped: ['answered: aborted'] });
    });
  });

  it('emits one event for a handler that an interceptor around ours tried again', async () => {
    let tries = 0;
    @Controller()
    class Shop {
      @Get()
      @TrackEvent('bought')
      buy(): string {
        if (++tries === 1) throw new Error('broken');
        return 'done';
      }
    }
    @Module({ providers: [{ provide: APP_INTERCEPTOR, useValue: { intercept: tryAgain } }] })
    class Around {}
    await withNest(
      platform,
      [Shop],
      async (bench) => {
        expect(await request(bench, '/')).toMatchObject({ status: 200, body: 'done' });
        expect(tries).toBe(2);
        await bench.settle();
        expectOutcome(bench, { events: bought, skipped: [] });
      },
      {
        imports: (vero) => [{ module: Around }, VeroModule.forRoot<UserRequest>({ client: vero, identify })],
      },
    );
  });

  it('emits one event for a handler of whose values an interceptor around ours takes the first', async () => {
    @Controller()
    class Shop {
      @Get()
      @TrackEvent<number>('bought', { data: ({ result }) => ({ result }) })
      buy() {
        return interval(1).pipe(startWith(7));
      }
    }
    @Module({ providers: [{ provide: APP_INTERCEPTOR, useClass: OnlyTheFirst }] })
    class Around {}
    await withNest(
      platform,
      [Shop],
      async (bench) => {
        expect((await request(bench, '/')).body).toBe('7');
        await bench.settle();
        expectOutcome(bench, { events: [{ name: 'bought', by: '42', data: { result: 7 } }] });
      },
      {
        imports: (vero) => [{ module: Around }, VeroModule.forRoot<UserRequest>({ client: vero, identify })],
      },
    );
  });

  it('tells of which route something is', async () => {
    @Controller('shop')
    class Shop {
      @Get(':item')
      @TrackEvent('bought')
      buy(): string {
        return 'done';
      }

      @Post(':item')
      sell(): string {
        return 'done';
      }
    }
    await withNest(
      platform,
      [Shop],
      async (bench) => {
        await sendAll(
          bench,
          message('GET', '/shop/hat?secret=1', null),
          message('POST', '/shop/hat?secret=1', null),
        );
        await bench.settle();
        const routes = bench.told.skipped.map(({ name, route }) => `${name} ${route}`);
        expect(routes).toEqual(['bought Shop.buy', 'sold POST /shop/hat']);
      },
      {
        imports: (vero) => [
          VeroModule.forRoot<UserRequest>({ client: vero, identify }),
          {
            module: class {},
            providers: [{ provide: APP_INTERCEPTOR, useValue: { intercept: sellsOn(vero) } }],
          },
        ],
      },
    );
  });

  it('emits nothing for a file that breaks', async () => {
    @Controller()
    class Shop {
      @Get()
      @TrackEvent('downloaded')
      download(): StreamableFile {
        const pieces = async function* () {
          yield 'one';
          throw new Error('the disk is gone');
        };
        return new StreamableFile(Readable.from(pieces()));
      }
    }
    await withNest(platform, [Shop], async (bench) => {
      await request(bench, '/').catch(() => undefined);
      await bench.settle();
      expectOutcome(bench, { events: [] });
    });
  });

  it('skips the handlers and controllers that say so', async () => {
    @Controller('one')
    class One {
      @Get('skipped')
      @TrackEvent('bought')
      @SkipTracking()
      skipped(): string {
        return 'done';
      }

      @Get('tracked')
      @TrackEvent('bought')
      tracked(): string {
        return 'done';
      }
    }
    @Controller('two')
    @SkipTracking()
    class Two extends One {}
    await withNest(platform, [One, Two], async (bench) => {
      for (const path of ['/one/skipped', '/one/tracked', '/two/tracked']) await request(bench, path);
      await bench.settle();
      expectOutcome(bench, { events: bought });
    });
  });

  it('gives each method its own decorators, and leaves those of a parent class alone', async () => {
    @Controller('parent')
    class Parent {
      @Get()
      @TrackEvent('first')
      @TrackEvent('second')
      act(): string {
        return 'done';
      }

      @Get('plain')
      plain(): string {
        return 'done';
      }
    }
    @Controller('child')
    class Child extends Parent {
      @Get()
      @TrackEvent('third')
      override act(): string {
        return 'done';
      }
    }
    await withNest(platform, [Parent, Child], async (bench) => {
      for (const path of ['/parent', '/parent/plain', '/child', '/child/plain']) await request(bench, path);
      await bench.settle();
      expectOutcome(bench, { events: ['first', 'second', 'third'].map((name) => ({ name, by: '42' })) });
    });
  });

  it('injects the client, whose services have the scope of the request', async () => {
    @Injectable()
    class Orders {
      constructor(@InjectVero() readonly vero: Vero) {}

      place(): void {
        this.vero.trackOnSuccess('placed', { data: { who: this.vero.identity()?.id } });
      }
    }
    @Controller()
    class Shop {
      constructor(@Inject(Orders) private readonly orders: Orders) {}

      @Post()
      place(): string {
        this.orders.place();
        return 'done';
      }
    }
    await withNest(
      platform,
      [Shop],
      async (bench) => {
        await sendAll(bench, message('POST', '/', '42', { some: 'body' }));
        await bench.settle();
        expectOutcome(bench, { events: [{ name: 'placed', by: '42', data: { who: '42' } }] });
      },
      { providers: [Orders] },
    );
  });
});

describe('forRootAsync', () => {
  @Controller()
  class Shop {
    @Get()
    @TrackEvent('bought')
    buy(): string {
      return 'done';
    }
  }

  let client: Vero;

  class Settings {
    get client(): Vero {
      return client;
    }
  }

  @Module({ providers: [Settings], exports: [Settings] })
  class SettingsModule {}

  @Injectable()
  class Options {
    createVeroOptions() {
      return { client, identify };
    }
  }

  @Module({ providers: [Options], exports: [Options] })
  class OptionsModule {}

  const withVero = (vero: Vero, module: DynamicModule): DynamicModule[] => {
    client = vero;
    return [module];
  };

  it.each<[string, (vero: Vero) => DynamicModule[]]>([
    [
      'useFactory and inject',
      (vero) =>
        withVero(
          vero,
          VeroModule.forRootAsync<UserRequest>({
            imports: [SettingsModule],
            inject: [Settings],
            useFactory: async (settings: Settings) => ({ client: settings.client, identify }),
          }),
        ),
    ],
    ['useClass', (vero) => withVero(vero, VeroModule.forRootAsync<UserRequest>({ useClass: Options }))],
    [
      'useExisting',
      (vero) =>
        withVero(
          vero,
          VeroModule.forRootAsync<UserRequest>({ imports: [OptionsModule], useExisting: Options }),
        ),
    ],
  ])('takes %s', async (_how, imports) => {
    await withNest(
      onExpress,
      [Shop],
      async (bench) => {
        await sendAll(bench, message('GET', '/'));
        await bench.settle();
        expectOutcome(bench, { events: bought });
      },
      { imports },
    );
  });

  it('says what is missing', () => {
    expect(() => VeroModule.forRootAsync({})).toThrow(/pass useFactory, useClass or useExisting/);
  });

  it.each<[string, () => DynamicModule, RegExp]>([
    [
      'a misspelt option of its own',
      () => VeroModule.forRoot({ identfy: () => null } as never),
      /^VeroModule takes "client", "identify".*unknown option "identfy"/,
    ],
    [
      'a factory that gives nothing',
      () => VeroModule.forRootAsync({ useFactory: (() => undefined) as never }),
      /^VeroModule: its options must be an object, not undefined/,
    ],
    [
      'a class without its method',
      () => VeroModule.forRootAsync({ useClass: class {} as never }),
      /its class must have a method createVeroOptions/,
    ],
  ])('refuses %s, and says so', async (_what, module, expected) => {
    const start = async () =>
      await NestFactory.create(module(), onExpress(), { logger: false, abortOnError: false });
    await expect(start()).rejects.toThrow(expected);
  });

  it('lets a bad option end the start, with its name', async () => {
    const module = VeroModule.forRoot({ authToken: TOKEN, developmentMod: true } as never);
    const start = NestFactory.create(module, onExpress(), { logger: false, abortOnError: false });
    await expect(start).rejects.toThrow(/unknown option "developmentMod".*"developmentMode"/);
  });
});

describe('a client that was made outside', () => {
  it('has its own options', async () => {
    const client = createVero({ enabled: false });
    const module = VeroModule.forRoot({ client, developmentMode: true } as never);
    const start = NestFactory.create(module, onExpress(), { logger: false, abortOnError: false });
    await expect(start).rejects.toThrow(/"developmentMode" is an option of a client/);
  });
});

describe('an event that is not in the catalogue', () => {
  @Controller()
  class Misspelt {
    @Get()
    @TrackEvent('bougt')
    buy(): string {
      return 'done';
    }
  }

  const start = (tracking: DynamicModule): Promise<unknown> =>
    NestFactory.create({ module: class {}, imports: [tracking], controllers: [Misspelt] }, onExpress(), {
      logger: false,
      abortOnError: false,
    }).then((app) => app.init());

  it('lets the start end, with where it stands', async () => {
    const client = createVero({ events: defineEvents({ bought: event() }), enabled: false });
    const expected =
      '@TrackEvent on Misspelt.buy: event "bougt" is not in the catalogue. Did you mean "bought"?';
    await expect(start(VeroModule.forRoot({ client }))).rejects.toThrow(expected);
  });

  it('is no reason where the client is to send it', async () => {
    const events = defineEvents({ bought: event() });
    const client = createVero({ events, onInvalid: 'send', enabled: false });
    await start(VeroModule.forRoot({ client }));
  });
});

describe('the module', () => {
  @Controller()
  class Shop {
    @Get()
    @TrackEvent('bought')
    buy(): string {
      return 'done';
    }
  }

  it('works under a global prefix and with versions', async () => {
    await withApp(
      async (client) => {
        @Controller({ path: 'shop', version: '1' })
        class Versioned extends Shop {
          constructor(@InjectVero() private readonly vero: Vero) {
            super();
          }

          @Get('deep')
          deep(): string {
            this.vero.trackOnSuccess('done');
            return 'done';
          }
        }
        const module = { module: class {}, imports: [VeroModule.forRoot<UserRequest>({ client, identify })] };
        const app = await NestFactory.create({ ...module, controllers: [Versioned] }, onExpress(), {
          logger: false,
        });
        app.setGlobalPrefix('api');
        app.enableVersioning({ type: VersioningType.URI });
        await app.listen(0, '127.0.0.1');
        return { url: await app.getUrl(), close: () => app.close() };
      },
      async (bench) => {
        await sendAll(bench, message('GET', '/api/v1/shop'), message('GET', '/api/v1/shop/deep'));
        await bench.settle();
        expectOutcome(bench, { events: [...bought, { name: 'done', by: '42' }] });
      },
    );
  });

  it('settles a stream of HTTP/2 that was cancelled before the module saw it', async () => {
    let reached = (): void => {};
    const waiting = new Promise<void>((resolve) => {
      reached = resolve;
    });
    await withApp(
      async (client) => {
        const module = { module: class {}, imports: [VeroModule.forRoot<UserRequest>({ client, identify })] };
        const adapter = new FastifyAdapter({ http2: true } as object);
        adapter.getInstance().addHook('onRequest', async (_request, reply) => {
          reached();
          await once(reply.raw, 'close');
        });
        const app = await NestFactory.create({ ...module, controllers: [Shop] }, adapter, { logger: false });
        await app.listen(0, '127.0.0.1');
        return { url: await app.getUrl(), close: () => app.close() };
      },
      async (bench) => {
        const session = connect(bench.url);
        const stream = session.request({ ':path': '/', 'x-user': '42' });
        stream.on('error', () => {});
        await waiting;
        stream.close(constants.NGHTTP2_CANCEL);
        await expect.poll(() => bench.vero.stats().skipped).toMatchObject({ aborted: 1 });
        session.close();
        await bench.settle();
        expectOutcome(bench, { events: [], skipped: ['bought: aborted'] });
      },
    );
  });

  it('emits for a request that Fastify injects', async () => {
    let app: NestFastifyApplication | undefined;
    await withApp(
      async (client) => {
        const module = { module: class {}, imports: [VeroModule.forRoot<UserRequest>({ client, identify })] };
        app = await NestFactory.create<NestFastifyApplication>(
          { ...module, controllers: [Shop] },
          new FastifyAdapter(),
          { logger: false },
        );
        await app.init();
        return { url: 'http://127.0.0.1:1', close: async () => app?.close() };
      },
      async (bench) => {
        const answer = await app?.inject({ method: 'GET', url: '/', headers: { 'x-user': '42' } });
        expect(answer?.statusCode).toBe(200);
        await bench.settle();
        expectOutcome(bench, { events: bought, skipped: [] });
      },
    );
  });

  it('closes the client that it made, after delivering what waits', async () => {
    await withApp(
      async () => ({ url: 'http://127.0.0.1:1', close: async () => {} }),
      async ({ inspector }) => {
        const module = VeroModule.forRoot({ authToken: TOKEN, baseUrl: inspector.url });
        const app = await NestFactory.create(module, onExpress(), { logger: false });
        await app.init();
        const vero = app.get<Vero>(VERO);
        vero.track('last', { identity: { id: '42', email: '42@example.com' } });
        await app.close();
        expect(inspector.events()).toHaveLength(1);
        expect(vero.health()).toMatchObject({ ok: false, reasons: ['the client is closed'] });
      },
    );
  });

  it('delivers what waits in a client that it was given, and leaves it open', async () => {
    await withApp(
      async () => ({ url: 'http://127.0.0.1:1', close: async () => {} }),
      async ({ inspector, vero }) => {
        const app = await NestFactory.create(VeroModule.forRoot({ client: vero }), onExpress(), {
          logger: false,
        });
        await app.init();
        vero.track('last', { identity: { id: '42', email: '42@example.com' } });
        await app.close();
        expect(inspector.events()).toHaveLength(1);
        expect(vero.health().ok).toBe(true);
      },
    );
  });

  it('lets work that is no HTTP request pass, untouched', async () => {
    class Jobs {
      @TrackEvent('cleaned')
      clean(): string {
        return 'clean';
      }
    }
    await withApp(
      async () => ({ url: 'http://127.0.0.1:1', close: async () => {} }),
      async (bench) => {
        const module = VeroModule.forRoot({ client: bench.vero });
        const app = await NestFactory.create(module, onExpress(), { logger: false });
        await app.init();
        const jobs = new Jobs();
        // What GraphQL resolvers and message handlers are called through, global interceptors included.
        const run = app
          .get(ExternalContextCreator)
          .create(
            jobs,
            jobs.clean,
            'clean',
            undefined,
            undefined,
            undefined,
            undefined,
            undefined,
            'graphql',
          );
        expect(await run({}, {})).toBe('clean');
        await app.close();
        expectOutcome(bench, { events: [], skipped: [] });
      },
    );
  });

  it('gives each hook of a shutdown a time of its own, and waits for no pause', async () => {
    const asked: string[] = [];
    let paused: string | undefined;
    const inner = createVero({ enabled: false });
    const client = new Proxy(inner, {
      get: (target, name) => {
        if (name === 'stats') return () => ({ ...target.stats(), paused });
        if (name !== 'flush' && name !== 'close') return Reflect.get(target, name, target);
        return async (limits: object) => void asked.push(`${name} ${JSON.stringify(limits)}`);
      },
    });
    for (const state of [undefined, 'unauthorized']) {
      paused = state;
      const app = await NestFactory.create(VeroModule.forRoot({ client }), onExpress(), { logger: false });
      await app.init();
      await app.close();
    }
    expect(asked).toEqual(['flush {"timeout":5000}', 'flush {"timeout":5000}']);
  });

  it('warns of a decorator that stands where there is no route', async () => {
    @Injectable()
    class Jobs {
      @TrackEvent('cleaned')
      clean(): void {}
    }
    const warned: string[] = [];
    const ignore = (): void => {};
    const logger: LoggerService = {
      log: ignore,
      error: ignore,
      warn: (text: string) => void warned.push(text),
    };
    const client = createVero({ enabled: false });
    const module = { module: class {}, imports: [VeroModule.forRoot({ client })], providers: [Jobs] };
    const app = await NestFactory.create({ ...module, controllers: [Shop] }, onExpress(), { logger });
    await app.init();
    await app.close();
    expect(warned).toEqual([expect.stringContaining('@TrackEvent on Jobs.clean has no effect')]);
  });
});
