/** What an application tracks, as plain data. */
export interface TrackingPlan {
  /** Of this shape. */
  readonly version: 1;
  /** The heading of the plan. */
  readonly title: string;
  /** What is declared: one for each event of a route, handler or procedure. */
  readonly routes: readonly PlannedRoute[];
  /** The catalogue, in its own order; `undefined` where none is known. */
  readonly events: readonly PlannedEvent[] | undefined;
  /** Events that code tracks by itself, as `trackedInCode` says. */
  readonly trackedInCode: readonly TrackedInCode[];
  /** Names in the catalogue that no route declares and `trackedInCode` does not name. */
  readonly notEmitted: readonly string[];
  /** Names that are emitted, and are not in the catalogue. */
  readonly notInCatalogue: readonly string[];
  /** What is declared without an effect, in words. */
  readonly warnings: readonly string[];
}

/** One event of a route. */
export interface PlannedRoute {
  /** The adapter that declares it. */
  readonly framework: string;
  /** `POST /cart/items`, `mutation cart.add`; of an Express route without a label, the file that declares it. */
  readonly route: string;
  /** Nest's `CartController.add`. */
  readonly handler?: string | undefined;
  /** The name of the event. */
  readonly event: string;
  /**
   * Who says whose the event is: `declaration`, its own `identify`; `adapter`, that of `expressTracking`, `trpcTracking` or
   * `VeroModule`; `scope`, nobody but the scope around; `unknown`, what is known only when the application runs.
   */
  readonly identity: 'declaration' | 'adapter' | 'scope' | 'unknown';
  /** When the event is true, if not by default: `chosen` (a callback chooses it), `on: handled`, `when`, `success`, … */
  readonly conditions: readonly string[];
  /** Where it is declared. Lines move whenever code does: no plan that is compared has them. */
  readonly callSite?: { readonly file: string; readonly line: number } | undefined;
}

/** An event of the catalogue. */
export interface PlannedEvent {
  /** Its name. */
  readonly name: string;
  /** What its schema, or `event()`, says of it. */
  readonly description?: string | undefined;
  /** What it says. */
  readonly data: PlannedData;
}

/** What an event says. */
export interface PlannedData {
  /** The properties of its data, in the order of the schema. */
  readonly properties: readonly PlannedProperty[];
  /** What it is in one, where it is no list of properties: `{ a: string } | { b: number }`, `no schema`. */
  readonly summary?: string | undefined;
  /** As JSON Schema, draft 2020-12, where its library gives one. */
  readonly schema?: JsonSchema | undefined;
}

/** A property of an event's data. */
export interface PlannedProperty {
  /** Its name. */
  readonly name: string;
  /** In the way of TypeScript, with its limits: `'free' | 'pro'`, `integer (>= 1)`. */
  readonly type: string;
  /** Whether every such event has it. */
  readonly isRequired: boolean;
  /** What its schema says of it. */
  readonly description?: string | undefined;
}

/** An event that no route declares: a service, a job or a webhook tracks it. */
export interface TrackedInCode {
  /** The name of the event. */
  readonly event: string;
  /** Where, as `trackedInCode` says. */
  readonly where: string;
}

/** A JSON Schema. */
export type JsonSchema = { readonly [Keyword in string]?: unknown };

/** The same plan without what changes when code only moves: call sites, and routes that are then the same. */
export function withoutCallSites(plan: TrackingPlan): TrackingPlan {
  const routes = new Map<string, PlannedRoute>();
  for (const { callSite: _, ...route } of plan.routes) routes.set(JSON.stringify(route), route);
  return { ...plan, routes: [...routes.values()] };
}

/** For a file that is kept: equal plans give equal text. */
export function toJson(plan: TrackingPlan): string {
  return `${JSON.stringify(withoutCallSites(plan), null, 2)}\n`;
}
