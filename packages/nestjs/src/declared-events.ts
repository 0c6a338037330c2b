import type { ModulesContainer } from '@nestjs/core';
import type { AnyVeroOptions, EventCatalogue } from '@verotrack/core';
import { catalogueOf, type DeclaredEvent, describeDeclaration } from '@verotrack/core/adapter';
import { misplacedEvents } from './misplaced-events.ts';
import { OPTIONS, type VeroModuleOptions } from './module-options.ts';
import { trackedHandlers } from './tracked-handlers.ts';

/** What an application says of its events. */
export interface NestEvents {
  readonly declared: readonly DeclaredEvent[];
  /** What was given to `VeroModule.forRoot`, as far as it can be known. */
  readonly catalogue: EventCatalogue | undefined;
  /** What has no effect, in words. */
  readonly warnings: readonly string[];
}

/** For the tracking plan, which finds it on `VeroModule`; the modules need not be instantiated. */
export function declaredEvents(modules: ModulesContainer): NestEvents {
  const options = optionsIn(modules);
  const adapterIdentifies = options && options.identify !== undefined;
  const declared: DeclaredEvent[] = [];
  const handlers = [...trackedHandlers(modules)];
  for (const { name, route, isSkipped, declarations } of handlers) {
    if (route === undefined || isSkipped) continue;
    for (const declaration of declarations) {
      const where = { framework: 'nestjs', route, handler: name } as const;
      declared.push(describeDeclaration(declaration, where, adapterIdentifies));
    }
  }
  return { declared, catalogue: catalogueIn(options), warnings: misplacedEvents(handlers) };
}

function catalogueIn(options: VeroModuleOptions | undefined): EventCatalogue | undefined {
  if (!options) return undefined;
  return options.client ? catalogueOf(options.client, 'VeroModule') : (options as AnyVeroOptions).events;
}

/** Those of `forRootAsync` are there only when the application runs. */
function optionsIn(modules: ModulesContainer): VeroModuleOptions | undefined {
  for (const module of modules.values()) {
    const instance: unknown = module.providers.get(OPTIONS)?.instance;
    if (typeof instance === 'object' && instance !== null) return instance as VeroModuleOptions;
  }
  return undefined;
}
