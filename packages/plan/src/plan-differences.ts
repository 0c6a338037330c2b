import { toMarkdown } from './markdown.ts';
import { cellsOf, plain } from './markdown-text.ts';
import type { TrackingPlan } from './plan.ts';

/** What a plan says of one thing: a route, an event, a warning. */
interface Fact {
  /** For people: `route express, POST /cart/items, add_to_cart` */
  readonly key: string;
  readonly cells: Readonly<Record<string, string>>;
}
type Facts = ReadonlyMap<string, Fact>;

/** What the rows of a table are, by its heading, and how many of its columns say which. */
const TABLES: Readonly<Record<string, { readonly what: string; readonly keys: number }>> = {
  Routes: { what: 'route', keys: 3 },
  Events: { what: 'event', keys: 1 },
  'Tracked in code': { what: 'tracked in code:', keys: 1 },
};
/** What the items of a list are, by its heading. */
const LISTS: Readonly<Record<string, string>> = {
  'Nothing emits': 'nothing emits',
  'Not in the catalogue': 'not in the catalogue:',
  Warnings: 'warning:',
};

/**
 * What tells a plan in Markdown from the code's own, a line each: added (`+`), removed (`-`) and changed (`~`). Layout and
 * text around the tables and lists do not count.
 */
export function markdownDifferences(kept: string, plan: TrackingPlan): string[] {
  return differences(factsIn(kept), factsIn(toMarkdown(plan)));
}

/** The same for a plan in JSON. @throws {Error} for what is no plan */
export function jsonDifferences(kept: string, plan: TrackingPlan): string[] {
  return differences(factsOf(parsed(kept)), factsOf(plan));
}

const SCHEMA = 'JSON Schema';

function parsed(json: string): TrackingPlan {
  const plan = JSON.parse(json) as Partial<TrackingPlan> | null;
  if (plan?.version !== 1) throw new Error('it has not the version of a plan, 1');
  const { routes, trackedInCode, notEmitted, notInCatalogue, warnings } = plan;
  if ([routes, trackedInCode, notEmitted, notInCatalogue, warnings].every(Array.isArray))
    return plan as TrackingPlan;
  throw new Error('it lacks parts of a plan');
}

function factsOf(plan: TrackingPlan): Facts {
  const facts = new Map(factsIn(toMarkdown(plan)));
  for (const { name, data } of plan.events ?? []) {
    const key = `event ${name}`;
    const cells = { ...facts.get(key)?.cells, [SCHEMA]: JSON.stringify(data.schema ?? null) };
    facts.set(key, { key, cells });
  }
  return facts;
}

function factsIn(markdown: string): Facts {
  const facts = new Map<string, Fact>();
  let section = '';
  let header: string[] | undefined;
  for (const line of markdown.split(/\r?\n/)) {
    const [, heading] = /^##\s+(.*\S)\s*$/.exec(line) ?? [];
    if (heading !== undefined) section = heading;
    const cells = cellsOf(line);
    if (!cells) {
      header = undefined;
      addItem(facts, section, line);
    } else if (!header) header = cells;
    else if (!cells.every((text) => /^:?-+:?$/.test(text))) addRow(facts, section, header, cells);
  }
  return facts;
}

function addItem(facts: Map<string, Fact>, section: string, line: string): void {
  const [, item] = /^[-*]\s+(.*\S)\s*$/.exec(line) ?? [];
  const what = LISTS[section];
  if (item !== undefined && what !== undefined) add(facts, { key: `${what} ${plain(item)}`, cells: {} });
}

function addRow(
  facts: Map<string, Fact>,
  section: string,
  header: readonly string[],
  cells: readonly string[],
): void {
  const table = TABLES[section];
  if (!table) return;
  const { what, keys } = table;
  const key = `${what} ${cells.slice(0, keys).map(plain).join(', ')}`;
  const rest = header.slice(keys).map((name, index) => [name, cells[keys + index] ?? ''] as const);
  add(facts, { key, cells: Object.fromEntries(rest) });
}

function add(facts: Map<string, Fact>, fact: Fact): void {
  let key = fact.key;
  // A file may declare one event for several routes.
  for (let count = 2; facts.has(key); count++) key = `${fact.key} (${count})`;
  facts.set(key, { ...fact, key });
}

function differences(kept: Facts, current: Facts): string[] {
  const lines: string[] = [];
  for (const key of kept.keys()) if (!current.has(key)) lines.push(`- ${key}`);
  for (const [key, { cells }] of current) {
    const before = kept.get(key);
    if (!before) lines.push(`+ ${key}`);
    else lines.push(...changes(key, before.cells, cells));
  }
  return lines;
}

function changes(key: string, before: Fact['cells'], after: Fact['cells']): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = names.filter((name) => (before[name] ?? '') !== (after[name] ?? ''));
  return changed.flatMap((name) => [
    `~ ${key}: ${name}`,
    // A schema is long, and what matters of it is in the data.
    ...(name === SCHEMA ? [] : lineChanges(before[name] ?? '', after[name] ?? '')),
  ]);
}

/** Of a cell of several lines, those that differ. */
function lineChanges(before: string, after: string): string[] {
  const [old, now] = [before, after].map((text) => text.split('<br>'));
  const removed = old?.filter((line) => !now?.includes(line)) ?? [];
  const added = now?.filter((line) => !old?.includes(line)) ?? [];
  if (removed.length + added.length === 0) return ['    in another order'];
  const show = (mark: string, line: string): string => `    ${mark} ${plain(line) || '(nothing)'}`;
  return [...removed.map((line) => show('-', line)), ...added.map((line) => show('+', line))];
}
