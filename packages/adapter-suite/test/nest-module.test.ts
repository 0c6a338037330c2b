import 'reflect-metadata';
import { once } from 'node:events';
import { connect, constants } from 'node:http2';
import {
  Controller,
  type DynamicModule,
  Get,
  Injectable,
  type LoggerService,
  Module,
  VersioningType,
} from '@nestjs/common';
import { ExternalContextCreator, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { createVero, defineEvents, event, type Vero } from '@verotrack/core';
import { InjectVero, TrackEvent, VERO, VeroModule } from '@verotrack/nestjs';
import { describe, expect, it } from 'vitest';
import { message, sendAll, withApp } from '../src/app.ts';
import { TOKEN } from '../src/bench.ts';
import { type UserRequest } from '../src/hosts/nest.ts';
import { expectOutcome } from '../src/suite.ts';
import { bought, identify, onExpress, withNest } from './nest-app.ts';

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
