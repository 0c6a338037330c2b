import { fileURLToPath } from 'node:url';
import type { EventCatalogue } from '../catalogue.ts';
import { type ClientInternals, internalsOf } from '../internals.ts';
import type { Declaration } from './declaration.ts';

/** What a declaration says, as plain data, for whoever lists an application's events. */
export interface DeclaredEvent {
  /** The framework's name: `express`, `nestjs`, `trpc`, or another adapter's. */
  readonly framework: string;
  /** The event; or several, of which a callback chooses at the end. */
  readonly names: readonly string[];
  /** Whether a callback chooses among `names`. */
  readonly isChosen: boolean;
  /** The route, where it is known or was named: `POST /cart/items`. */
  readonly route?: string | undefined;
  /** The code behind the route, where it has a name: `CartController.add`. */
  readonly handler?: string | undefined;
  /** Where it was declared, if the stack told. */
  readonly callSite?: CallSite | undefined;
  /**
   * Who says whose it is: its own `identify`, the adapter's, or nobody but the scope around. `unknown` where the adapter's
   * options are made only when the application runs.
   */
  readonly identity: 'declaration' | 'adapter' | 'scope' | 'unknown';
  /** When it is true, if not by default: `on: handled`, `success`, `when`, `methods: POST`. */
  readonly conditions: readonly string[];
}

/** A place in the code. */
export interface CallSite {
  /** An absolute path, or a URL that is no file's. */
  readonly file: string;
  /** Its line, from 1. */
  readonly line: number;
}

/** What an adapter knows beside the declaration. */
export type DeclaredWhere = Pick<DeclaredEvent, 'framework' | 'route' | 'handler'>;

/**
 * What can be said of a declaration.
 *
 * @param adapterIdentifies - whether the adapter was given an `identify`; `undefined` where it can't tell
 */
export function describeDeclaration<C>(
  declaration: Declaration<C>,
  where: DeclaredWhere,
  adapterIdentifies: boolean | undefined,
): DeclaredEvent {
  const { names, choose, identify } = declaration;
  const fromAdapter = adapterIdentifies === undefined ? 'unknown' : adapterIdentifies ? 'adapter' : 'scope';
  return {
    ...where,
    names: [...names],
    isChosen: choose !== undefined,
    identity: identify ? 'declaration' : fromAdapter,
    conditions: conditionsOf(declaration),
  };
}

function conditionsOf<C>({ on, success, when, methods, unique }: Declaration<C>): string[] {
  const conditions: string[] = [];
  if (on !== undefined && on !== 'response') conditions.push(`on: ${on}`);
  if (methods) conditions.push(`methods: ${methods.map((method) => method.toUpperCase()).join(', ')}`);
  if (success) conditions.push('success');
  if (when) conditions.push('when');
  if (unique !== undefined) conditions.push(`unique: ${unique}`);
  return conditions;
}

/** Whoever declares inside every request must not fill the memory. */
const MAX_DECLARED = 5_000;

/**
 * Keeps with the client what a declaration says, once for each place in the code. Never throws.
 *
 * @param declaring - the public function that was called: the frame below it is the place
 * @returns what is kept; for what says the same in one place, the same object
 */
export function rememberDeclared(
  client: ClientInternals,
  event: DeclaredEvent,
  declaring: (...args: never[]) => unknown,
): DeclaredEvent {
  const { declaredEvents } = client;
  if (declaredEvents.size >= MAX_DECLARED) return event;
  const described = { ...event, callSite: callSiteOf(declaring) };
  const key = JSON.stringify(described);
  const known = declaredEvents.get(key);
  if (!known) declaredEvents.set(key, described);
  return known ?? described;
}

/**
 * What was declared through a client, in the order of the calls.
 *
 * @throws {VeroError} `VERO_CONFIG` when `vero` is no client
 */
export function declaredEvents(vero: unknown, where = 'declaredEvents'): readonly DeclaredEvent[] {
  return [...internalsOf(vero, where).declaredEvents.values()];
}

/**
 * The catalogue that a client was given, if it was.
 *
 * @throws {VeroError} `VERO_CONFIG` when `vero` is no client
 */
export function catalogueOf(vero: unknown, where = 'catalogueOf'): EventCatalogue | undefined {
  return internalsOf(vero, where).events.catalogue.events;
}

/** Who called `callee`. `undefined` where the stack doesn't tell. */
function callSiteOf(callee: (...args: never[]) => unknown): CallSite | undefined {
  const { stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = 1;
    const holder: { stack?: unknown } = {};
    Error.captureStackTrace(holder, callee);
    // As text, because that knows source maps.
    return parseFrame(String(holder.stack));
  } catch {
    // A frozen Error, or a `prepareStackTrace` of somebody's that fails.
    return undefined;
  } finally {
    try {
      Error.stackTraceLimit = stackTraceLimit;
    } catch {
      // Frozen; so it was not changed either.
    }
  }
}

/** `at name (file:line:column)`, or `at file:line:column`, with a path or a URL. */
const FRAME = /^\s+at (?:.*? \((?=.*\)$))?(?:async )?(.+):(\d+):\d+\)?$/m;
const FILE = /^(?:\/|\\\\|[A-Za-z][\w+.-]*:)/;

function parseFrame(stack: string): CallSite | undefined {
  const [, place = '', line] = FRAME.exec(stack) ?? [];
  if (!FILE.test(place) || place.startsWith('node:')) return undefined;
  const file = place.startsWith('file:') ? fileURLToPath(place) : place;
  return { file, line: Number(line) };
}
