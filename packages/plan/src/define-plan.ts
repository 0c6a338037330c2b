import type { AnyVero, EventCatalogue } from '@verotrack/core';
import {
  aCatalogue,
  aString,
  checkOptions,
  isClient,
  type OptionRule,
  VeroError,
} from '@verotrack/core/adapter';
import { isObject } from './type-text.ts';

/** A tRPC router, as far as a plan reads it. */
export interface TrpcRouter {
  /** What tRPC keeps of a router. */
  readonly _def: { readonly procedures: object };
}

/** A Nest module (its class, or a dynamic module), or an application that runs. */
export type NestSource = NestModuleClass | NestDynamicModule | NestApplication;

/** A class with `@Module`. */
export type NestModuleClass = abstract new (...args: never[]) => object;

/** What a `forRoot` gives. */
export interface NestDynamicModule {
  /** The class of the module. */
  readonly module: NestModuleClass;
}

/** A Nest application, as far as a plan reads it. */
export interface NestApplication {
  /** Gives what is provided. */
  get(token: NestModuleClass, options: { readonly strict: boolean }): unknown;
  /** Starts its modules, if that has not happened. */
  init(): Promise<unknown>;
}

/** What a plan is made of. */
export interface PlanOptions {
  /** The heading of the plan. @default 'Tracking plan' */
  readonly title?: string | undefined;
  /** The catalogue, which `defineEvents` made. @default the client's, or `VeroModule`'s */
  readonly events?: EventCatalogue | undefined;
  /** The clients that `expressTracking` and `trpcTracking` were given: they know what was declared. @default none */
  readonly vero?: AnyVero | readonly AnyVero[] | undefined;
  /** The tRPC routers. @default none */
  readonly router?: TrpcRouter | readonly TrpcRouter[] | undefined;
  /**
   * The Nest modules, none of whose providers is instantiated; or Nest applications.
   * @default none
   */
  readonly module?: NestSource | readonly NestSource[] | undefined;
  /**
   * Events that no route declares, because code tracks them, and where it does: `{ purchased: 'Orders.purchase' }`.
   * @default none
   */
  readonly trackedInCode?: Readonly<Record<string, string>> | undefined;
  /**
   * The folder that files are told relative to.
   * @default the working directory; for the command the folder of the entry's `package.json`
   */
  readonly root?: string | undefined;
}

const each = (accepts: (value: unknown) => boolean): OptionRule['accepts'] => {
  return (value) => (Array.isArray(value) ? value.every(accepts) : accepts(value));
};
const isClass = (value: unknown): boolean => typeof value === 'function' && value.prototype !== undefined;

const RULES: Readonly<Record<keyof PlanOptions, OptionRule>> = {
  title: aString,
  events: aCatalogue,
  vero: {
    expected: 'a client that createVero made, or a list of them',
    accepts: each(isClient),
  },
  router: {
    expected: 'a tRPC router, or a list of them',
    accepts: each((value) => isRouter(value)),
  },
  module: {
    expected: 'a Nest module, a Nest application, or a list of them',
    accepts: each(
      (value) =>
        isClass(value) || (isObject(value) && (isClass(value.module) || typeof value.get === 'function')),
    ),
  },
  trackedInCode: {
    expected: 'an object that says where, by event name',
    accepts: (value) => isObject(value) && Object.values(value).every((where) => aString.accepts(where)),
  },
  root: aString,
};

function isRouter(value: unknown): boolean {
  const holder = typeof value === 'function' || isObject(value) ? (value as Partial<TrpcRouter>) : {};
  return isObject(holder._def) && typeof holder._def.procedures === 'object';
}

/** Holds options against what a plan takes. @throws {VeroError} `VERO_CONFIG` for one that is wrong, or if there is no source */
export function checkPlanOptions(where: string, options: PlanOptions): void {
  checkOptions(where, options, RULES);
  const { vero, router, module, events } = options;
  if ([vero, router, module, events].some((source) => source !== undefined)) return;
  throw new VeroError(
    'VERO_CONFIG',
    `${where}: there is nothing to plan. Pass "vero" (Express), "router" (tRPC), "module" (Nest) or "events"`,
  );
}

/**
 * What `verotrack-plan` reads: the export `plan`, or the default one, of its entry. An entry may also export a function that
 * gives it, sync or async.
 *
 * @example
 * export const plan = definePlan({ events, vero, trackedInCode: { purchased: 'Orders.purchase' } });
 * @throws {VeroError} `VERO_CONFIG` for a bad option
 */
export function definePlan(options: PlanOptions): PlanOptions {
  checkPlanOptions('definePlan', options);
  return options;
}
