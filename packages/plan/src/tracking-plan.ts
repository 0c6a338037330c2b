import { relative } from 'node:path';
import type { EventCatalogue } from '@verotrack/core';
import { catalogueOf, type DeclaredEvent, declaredEvents } from '@verotrack/core/adapter';
import { checkPlanOptions, type PlanOptions } from './define-plan.ts';
import { planEvent } from './event-data.ts';
import { importNest, type LoadNest, nestEvents } from './nest-events.ts';
import type { PlannedRoute, TrackingPlan } from './plan.ts';
import { trpcEvents } from './trpc-events.ts';

/**
 * What an application tracks, read from its definition: nothing runs, and nothing is sent.
 *
 * @throws {VeroError} `VERO_CONFIG` for a bad option, and for what can't be read
 */
export async function trackingPlan(options: PlanOptions): Promise<TrackingPlan> {
  return await makePlan(options, { root: process.cwd(), loadNest: importNest });
}

/** Where a plan is made. */
export interface Surroundings {
  /** What files are told relative to, unless the options say. */
  readonly root: string;
  readonly loadNest: LoadNest;
}

/** @throws {VeroError} `VERO_CONFIG` for a bad option, and for what can't be read */
export async function makePlan(options: PlanOptions, surroundings: Surroundings): Promise<TrackingPlan> {
  checkPlanOptions('trackingPlan', options);
  const { title = 'Tracking plan', root = surroundings.root, trackedInCode = {} } = options;
  const { declared, warnings, catalogue } = await read(options, surroundings.loadNest);
  const inCode = Object.entries(trackedInCode).map(([event, where]) => ({ event, where }));
  const routes = declared.flatMap((event) => routesOf(event, root)).toSorted(byRoute);
  const emitted = unique([...routes, ...inCode].map(({ event }) => event));
  const known = catalogue && Object.keys(catalogue.definitions);
  return {
    version: 1,
    title,
    routes,
    events:
      catalogue && Object.entries(catalogue.definitions).map(([name, schema]) => planEvent(name, schema)),
    trackedInCode: inCode.toSorted((a, b) => compare(a.event, b.event)),
    notEmitted: known?.filter((name) => !emitted.includes(name)) ?? [],
    notInCatalogue: known ? emitted.filter((name) => !known.includes(name)) : [],
    warnings: unique(warnings),
  };
}

interface Read {
  readonly declared: readonly DeclaredEvent[];
  readonly warnings: readonly string[];
  readonly catalogue: EventCatalogue | undefined;
}

async function read({ events, vero, router, module }: PlanOptions, loadNest: LoadNest): Promise<Read> {
  const trpc = await Promise.all(listOf(router).map(trpcEvents));
  const nest = [];
  // One after the other: each silences Nest's one logger.
  for (const source of listOf(module)) nest.push(await nestEvents(source, loadNest));
  const met = new Set(trpc.flatMap((each) => [...each.met]));
  // A procedure tells its path itself; what no router has is told by its place in the code.
  const kept = listOf(vero).flatMap((client) => declaredEvents(client, 'trackingPlan'));
  const other = kept.filter((event) => !met.has(event));
  const found = [...trpc, ...nest];
  const catalogues = [
    ...listOf(vero).map((client) => catalogueOf(client, 'trackingPlan')),
    ...nest.map(({ catalogue }) => catalogue),
  ];
  return {
    declared: [...other, ...found.flatMap(({ declared }) => declared)],
    warnings: found.flatMap(({ warnings }) => warnings),
    catalogue: events ?? catalogues.find((catalogue) => catalogue !== undefined),
  };
}

function listOf<T extends object>(given: T | readonly T[] | undefined): readonly T[] {
  if (given === undefined) return [];
  return Array.isArray(given) ? given : [given as T];
}

function routesOf(declared: DeclaredEvent, root: string): PlannedRoute[] {
  const { framework, names, route, handler, isChosen, identity, conditions, callSite } = declared;
  const file = callSite && fileFrom(root, callSite.file);
  return names.map((event) => ({
    framework,
    route: route ?? file ?? 'unknown',
    ...(handler === undefined ? {} : { handler }),
    event,
    identity,
    conditions: isChosen ? ['chosen', ...conditions] : conditions,
    ...(callSite && file ? { callSite: { file, line: callSite.line } } : {}),
  }));
}

/** The same on every machine. */
function fileFrom(root: string, file: string): string {
  return relative(root, file).replaceAll('\\', '/');
}

/** By what stays when code moves, and only then by line. */
function byRoute(a: PlannedRoute, b: PlannedRoute): number {
  const key = ({ framework, route, handler = '', event, identity, conditions }: PlannedRoute): string =>
    [framework, route, handler, event, identity, ...conditions].join('\n');
  return compare(key(a), key(b)) || (a.callSite?.line ?? 0) - (b.callSite?.line ?? 0);
}

/** By code points, whatever the language of the machine. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].toSorted(compare);
}
