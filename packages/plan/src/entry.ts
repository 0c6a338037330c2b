import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PlanOptions } from './define-plan.ts';
import { importNest, type NestCore } from './nest-events.ts';
import type { TrackingPlan } from './plan.ts';
import { makePlan } from './tracking-plan.ts';

interface Exports {
  readonly plan?: unknown;
  readonly default?: unknown;
}

/** The plan that an entry exports. @throws {Error} which names the entry, and says what is wrong with it */
export async function planOfEntry(entry: string): Promise<TrackingPlan> {
  if (!existsSync(entry)) throw new Error(`There is no entry ${entry}.`);
  // Without links, as call sites are.
  const file = realpathSync(entry);
  const exported = planIn(await attempt(`The entry ${entry} could not be loaded`, () => load(file)));
  if (exported === undefined) {
    throw new Error(
      `The entry ${entry} exports no plan: export const plan = definePlan({ … }), or a function that gives one.`,
    );
  }
  return await attempt(`The entry ${entry}`, async () => {
    const options: unknown = typeof exported === 'function' ? await exported() : exported;
    return await makePlan(options as PlanOptions, {
      root: packageFolder(file),
      loadNest: () => loadNest(file),
    });
  });
}

async function load(file: string): Promise<Exports> {
  return (await import(pathToFileURL(file).href)) as Exports;
}

/** What a CommonJS module exports may be below its default. */
function planIn({ plan, default: other }: Exports): unknown {
  return plan ?? (other as Exports | undefined)?.plan ?? other;
}

async function attempt<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw new Error(`${what}: ${explain(thrown)}`, { cause: thrown });
  }
}

function explain(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const { message, code = '', stack = '' } = thrown as NodeJS.ErrnoException;
  if (thrown instanceof SyntaxError || code.endsWith('TYPESCRIPT_SYNTAX')) return `${message}\n${DECORATORS}`;
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  const own = frames.find((frame) => !/node_modules|node:/.test(frame));
  return own === undefined ? message : `${message}\n${own}`;
}

const DECORATORS =
  "Node strips types, and no more. For decorators and other syntax install @oxc-node/core, and set NODE_OPTIONS='--import @oxc-node/core/register'.";

function packageFolder(file: string): string {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
  }
  return process.cwd();
}

/** The entry's own copy; `npx` may run this package from elsewhere. */
async function loadNest(file: string): Promise<NestCore> {
  let path: string;
  try {
    path = createRequire(file).resolve('@nestjs/core');
  } catch {
    return await importNest();
  }
  return (await import(pathToFileURL(path).href)) as NestCore;
}
