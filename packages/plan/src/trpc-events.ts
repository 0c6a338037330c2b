import { type DeclaredEvent, VeroError } from '@verotrack/core/adapter';
import type { TrpcRouter } from './define-plan.ts';

/** Of tRPC's routers, what is the same in every 11: nothing is imported from it. */
interface RouterDef {
  readonly procedures: Readonly<Record<string, Procedure>>;
  /** Routers that load at their first call; each takes itself out of here when it has. */
  readonly lazy?: Readonly<Record<string, { readonly load: () => Promise<void> }>>;
}

interface Procedure {
  readonly _def: {
    readonly type: string;
    readonly middlewares?: readonly object[];
    readonly meta?: { readonly track?: unknown };
  };
}

// What @verotrack/trpc leaves on its middlewares.
const DECLARED = Symbol.for('verotrack.trpc.declared');
const FROM_META = Symbol.for('verotrack.trpc.from-meta');

interface Marks {
  readonly [DECLARED]?: DeclaredEvent;
  readonly [FROM_META]?: (track: unknown) => DeclaredEvent;
}

export interface TrpcEvents {
  readonly declared: readonly DeclaredEvent[];
  /** The declarations that were met, as the client keeps them. */
  readonly met: ReadonlySet<DeclaredEvent>;
  readonly warnings: readonly string[];
}

/** What a router's procedures emit. @throws {VeroError} `VERO_CONFIG` for a lazy router that does not load */
export async function trpcEvents(router: TrpcRouter): Promise<TrpcEvents> {
  const def = router._def as RouterDef;
  await loadLazy(def);
  const [declared, warnings]: [DeclaredEvent[], string[]] = [[], []];
  const met = new Set<DeclaredEvent>();
  for (const [path, { _def: procedure }] of Object.entries(def.procedures)) {
    const route = `${procedure.type} ${path}`;
    const marks = (procedure.middlewares ?? []) as readonly Marks[];
    // The same middleware applied twice emits once.
    const own = new Set(marks.flatMap((mark) => mark[DECLARED] ?? []));
    for (const event of own) {
      met.add(event);
      declared.push({ ...event, route });
    }
    const track = procedure.meta?.track;
    if (track === undefined) continue;
    const fromMeta = marks.find((mark) => mark[FROM_META])?.[FROM_META];
    if (!fromMeta) warnings.push(`${route}: meta.track has no effect without trackFromMeta()`);
    else attempt(() => declared.push({ ...fromMeta(track), route }), route, warnings);
  }
  return { declared, met, warnings };
}

function attempt(read: () => void, route: string, warnings: string[]): void {
  try {
    read();
  } catch (thrown) {
    // Where tRPC is concerned a wrong meta is told at the call; here it can be told before.
    warnings.push(`${route}: ${(thrown as Error).message}`);
  }
}

async function loadLazy({ lazy = {} }: RouterDef): Promise<void> {
  // A lazy router may bring others along.
  const loaded = new Set<string>();
  for (let key = next(lazy, loaded); key !== undefined; key = next(lazy, loaded)) {
    loaded.add(key);
    try {
      await lazy[key]?.load();
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      throw new VeroError('VERO_CONFIG', `trackingPlan: the lazy router "${key}" does not load: ${message}`, {
        cause: thrown,
      });
    }
  }
}

function next(lazy: object, loaded: ReadonlySet<string>): string | undefined {
  return Object.keys(lazy).find((key) => !loaded.has(key));
}
