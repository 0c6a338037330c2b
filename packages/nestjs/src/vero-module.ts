import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { APP_INTERCEPTOR, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import {
  type AnyVeroOptions,
  createVero,
  type IdentityDefinition,
  isVeroError,
  type OpenIdentity,
  type Vero,
  type VeroOptions,
} from '@verotrack/core';
import { RequestTracking, VeroError } from '@verotrack/core/adapter';
import type { NestRequestContext, TrackedRequest } from './context.ts';
import { declaredEvents } from './declared-events.ts';
import { VERO } from './decorators.ts';
import { warnOfMisplacedEvents } from './misplaced-events.ts';
import {
  OPTIONS,
  type VeroModuleAsyncOptions,
  type VeroModuleOptions,
  type VeroOptionsFactory,
} from './module-options.ts';
import { trackedHandlers } from './tracked-handlers.ts';
import { NestRequests, TrackingInterceptor } from './tracking-interceptor.ts';

/** How long each of the two hooks of a shutdown may wait for Vero. */
const HOOK_MS = 5_000;

interface FastifyInstance {
  addHook(name: 'preHandler', hook: (request: object, reply: object, done: () => void) => void): void;
}

/** Provides the client, opens a scope for every HTTP request, and emits what `@TrackEvent` declares. */
export class VeroModule
  implements NestModule, OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  readonly #vero: Vero;
  readonly #isOwnClient: boolean;
  readonly #requests: NestRequests;
  readonly #adapterHost: HttpAdapterHost;
  readonly #modules: ModulesContainer;

  /** @internal */
  constructor(
    vero: Vero,
    options: VeroModuleOptions,
    requests: NestRequests,
    adapterHost: HttpAdapterHost,
    modules: ModulesContainer,
  ) {
    this.#vero = vero;
    this.#isOwnClient = options.client === undefined;
    this.#requests = requests;
    this.#adapterHost = adapterHost;
    this.#modules = modules;
  }

  /**
   * The module, for the `imports` of the application.
   *
   * @example
   * VeroModule.forRoot<{ user?: User }>({ authToken, identify: ({ request }) => pickIdentity(request.user, ['id', 'email']) })
   * @typeParam User - what `defineIdentity` made, where `identify` is to be held against it: `forRoot<AppRequest, typeof identity>`
   * @throws {VeroError} `VERO_CONFIG`, when the application starts, for a bad option
   */
  static forRoot<Request = TrackedRequest, User extends IdentityDefinition = OpenIdentity>(
    options: VeroModuleOptions<Request, User> = {},
  ): DynamicModule {
    return moduleWith({ provide: OPTIONS, useValue: options });
  }

  /**
   * The module, with options that are known only when the application starts.
   *
   * @throws {VeroError} `VERO_CONFIG` when none of `useFactory`, `useClass` and `useExisting` is given
   */
  static forRootAsync<Request = TrackedRequest, User extends IdentityDefinition = OpenIdentity>(
    options: VeroModuleAsyncOptions<Request, User>,
  ): DynamicModule {
    const { imports = [], inject = [], useFactory, useClass, useExisting } = options;
    if (useFactory)
      return moduleWith({ provide: OPTIONS, useFactory: useFactory as () => unknown, inject }, imports);
    const factory = useExisting ?? useClass;
    if (!factory) {
      throw new VeroError('VERO_CONFIG', 'VeroModule.forRootAsync: pass useFactory, useClass or useExisting');
    }
    const useCreated = (created: Partial<VeroOptionsFactory>): unknown => {
      if (typeof created?.createVeroOptions === 'function') return created.createVeroOptions();
      throw new VeroError(
        'VERO_CONFIG',
        'VeroModule.forRootAsync: its class must have a method createVeroOptions',
      );
    };
    const provider = { provide: OPTIONS, useFactory: useCreated, inject: [factory] };
    return moduleWith(provider, imports, useClass && !useExisting ? [useClass] : []);
  }

  /** Called by Nest: opens a scope for every HTTP request. */
  configure(consumer: MiddlewareConsumer): void {
    const { httpAdapter } = this.#adapterHost;
    if (httpAdapter.getType() === 'fastify') {
      // Not as a middleware: it would see the raw request, and Fastify loses its async context with the body.
      const fastify = httpAdapter.getInstance<FastifyInstance>();
      fastify.addHook('preHandler', (request, reply, done) => this.#enter(request, reply, done));
      return;
    }
    consumer
      .apply((request: object, response: object, next: () => void) => this.#enter(request, response, next))
      .forRoutes('{*path}');
  }

  /**
   * Called by Nest: holds every `@TrackEvent` against the catalogue of the client, and warns of those without an effect.
   *
   * @throws {VeroError} `VERO_CONFIG` for a `@TrackEvent` whose event is not in the client's catalogue
   */
  onApplicationBootstrap(): void {
    const handlers = [...trackedHandlers(this.#modules)];
    for (const { name, declarations } of handlers)
      for (const declaration of declarations)
        this.#requests.assertInCatalogue(`@TrackEvent on ${name}`, declaration);
    warnOfMisplacedEvents(handlers);
  }

  /** Responses still in flight close after this, and the next hook may be long in coming. */
  async beforeApplicationShutdown(): Promise<void> {
    // While delivery is paused there is nothing to wait for here.
    if (!this.#vero.stats().paused) await this.#vero.flush({ timeout: HOOK_MS });
  }

  /** What came after the first hook has the same time. */
  async onApplicationShutdown(): Promise<void> {
    if (this.#isOwnClient) await this.#vero.close({ timeout: HOOK_MS });
    else if (!this.#vero.stats().paused) await this.#vero.flush({ timeout: HOOK_MS });
  }

  #enter(request: object, response: object, next: () => void): void {
    const work = this.#requests.open(request, response);
    if (work) work.run(next);
    else next();
  }
}

// Called, not written as decorators: so this package runs as it is under tools that only strip types.
Module({})(VeroModule);
for (const [index, token] of [VERO, OPTIONS, NestRequests, HttpAdapterHost, ModulesContainer].entries()) {
  Inject(token)(VeroModule, undefined, index);
}

// For the tracking plan, which imports no adapter.
Object.defineProperty(VeroModule, Symbol.for('verotrack.nestjs.declared'), { value: declaredEvents });

function moduleWith(
  options: Provider,
  imports: NonNullable<DynamicModule['imports']> = [],
  others: Provider[] = [],
): DynamicModule {
  return {
    module: VeroModule,
    global: true,
    imports,
    providers: [
      ...others,
      options,
      { provide: VERO, useFactory: clientOf, inject: [OPTIONS] },
      { provide: NestRequests, useFactory: requestsOf, inject: [VERO, OPTIONS] },
      {
        provide: APP_INTERCEPTOR,
        useFactory: (requests: NestRequests) => new TrackingInterceptor(requests),
        inject: [NestRequests],
      },
    ],
    exports: [VERO],
  };
}

function clientOf(moduleOptions: VeroModuleOptions): Vero {
  const { client, identify: _identify, attributes: _attributes, ...options } = checked(moduleOptions);
  if (!client) return ownClient(options);
  const [name] = Object.keys(options);
  if (name === undefined) return client as Vero;
  throw new VeroError(
    'VERO_CONFIG',
    `VeroModule: "${name}" is an option of a client, and "client" has its own already`,
  );
}

function ownClient(options: AnyVeroOptions): Vero {
  try {
    return createVero(options as VeroOptions);
  } catch (thrown) {
    if (!isVeroError(thrown)) throw thrown;
    const message = `VeroModule takes "client", "identify", "attributes" and the options of createVero. ${thrown.message}`;
    throw new VeroError(thrown.code, message);
  }
}

/** A factory, or a class of the application, may give anything. */
function checked(options: unknown): VeroModuleOptions {
  // Nothing is inherited: what somebody put on `Object.prototype` is no option.
  if (typeof options === 'object' && options !== null) return Object.assign(Object.create(null), options);
  throw new VeroError('VERO_CONFIG', `VeroModule: its options must be an object, not ${String(options)}`);
}

function requestsOf(vero: Vero, moduleOptions: VeroModuleOptions): NestRequests {
  const { identify, attributes } = checked(moduleOptions);
  const options = { identify, attributes };
  return new NestRequests(new RequestTracking<NestRequestContext>('VeroModule', vero, options));
}
