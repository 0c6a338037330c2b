import 'reflect-metadata';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import {
  type ArgumentsHost,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  Inject,
  Injectable,
  Module,
  type NestInterceptor,
  Post,
  Res,
  Sse,
  StreamableFile,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type Vero } from '@verotrack/core';
import { InjectVero, SkipTracking, TrackEvent, VeroModule } from '@verotrack/nestjs';
import { interval, map, of, retry, startWith, take, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { message, sendAll } from '../src/app.ts';
import { type Bench } from '../src/bench.ts';
import { rawOf, type UserRequest } from '../src/hosts/nest.ts';
import { expectOutcome } from '../src/suite.ts';
import { bought, identify, onExpress, withNest } from './nest-app.ts';

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
