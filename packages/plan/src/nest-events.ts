import type { ModulesContainer } from '@nestjs/core';
import type { EventCatalogue } from '@verotrack/core';
import { type DeclaredEvent, VeroError } from '@verotrack/core/adapter';
import type { NestApplication, NestSource } from './define-plan.ts';

export type NestCore = typeof import('@nestjs/core');
/** Gives the application's own copy of `@nestjs/core`: another's would know none of its modules. */
export type LoadNest = () => Promise<NestCore>;

export interface NestEvents {
  readonly declared: readonly DeclaredEvent[];
  readonly catalogue: EventCatalogue | undefined;
  readonly warnings: readonly string[];
}

/** What `VeroModule` of @verotrack/nestjs knows of the application that it is in. */
const DECLARED = Symbol.for('verotrack.nestjs.declared');
type ReadEvents = (modules: ModulesContainer) => NestEvents;

export const importNest: LoadNest = () => import('@nestjs/core');

/** What an application's handlers emit; a module is scanned, and nothing of it instantiated. */
export async function nestEvents(source: NestSource, load: LoadNest): Promise<NestEvents> {
  const nest = await loaded(load);
  if (isApplication(source)) return readEvents(source.get(nest.ModulesContainer, { strict: false }));
  const options = { preview: true, logger: false, abortOnError: false } as const;
  const module = source as Parameters<typeof nest.NestFactory.createApplicationContext>[0];
  const context = await nest.NestFactory.createApplicationContext(module, options);
  try {
    return readEvents(context.get(nest.ModulesContainer, { strict: false }));
  } finally {
    await context.close();
  }
}

async function loaded(load: LoadNest): Promise<NestCore> {
  try {
    return await load();
  } catch (thrown) {
    const message = `trackingPlan: option "module" needs the application's @nestjs/core: ${(thrown as Error).message}`;
    throw new VeroError('VERO_CONFIG', message, { cause: thrown });
  }
}

function isApplication(source: NestSource): source is NestApplication {
  return typeof (source as Partial<NestApplication>).get === 'function' && 'init' in source;
}

function readEvents(modules: unknown): NestEvents {
  const container = modules as ModulesContainer;
  for (const { metatype } of container.values()) {
    const read = (metatype as { readonly [DECLARED]?: ReadEvents } | undefined)?.[DECLARED];
    if (read) return read(container);
  }
  const warnings = ['VeroModule is in none of the Nest modules, so no @TrackEvent has an effect'];
  return { declared: [], catalogue: undefined, warnings };
}
