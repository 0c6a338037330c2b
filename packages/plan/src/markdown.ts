import { cell, code, list, table } from './markdown-text.ts';
import {
  type PlannedData,
  type PlannedEvent,
  type PlannedProperty,
  type PlannedRoute,
  type TrackingPlan,
  withoutCallSites,
} from './plan.ts';

/** The plan for people. Equal plans give equal text, and a route says no line of its file. */
export function toMarkdown(plan: TrackingPlan): string {
  const { title, routes, events, trackedInCode, notEmitted, notInCatalogue, warnings } =
    withoutCallSites(plan);
  const parts = [
    `# ${cell(title)}`,
    'Written by `@verotrack/plan` from the code.',
    '## Routes',
    routes.length === 0 ? 'No route tracks.' : routesTable(routes, events),
    ...(routes.length === 0 ? [] : [IDENTITY]),
    ...(events === undefined ? [] : ['## Events', eventsTable(events)]),
    ...section('Tracked in code', trackedInCode, (tracked) =>
      table(
        ['Event', 'Where'],
        tracked.map(({ event, where }) => [code(event), cell(where)]),
      ),
    ),
    ...section('Nothing emits', notEmitted, (names) => `${NOT_EMITTED}\n\n${list(names.map(code))}`),
    ...section('Not in the catalogue', notInCatalogue, (names) => list(names.map(code))),
    ...section('Warnings', warnings, (texts) => list(texts.map(cell))),
  ];
  return `${parts.join('\n\n')}\n`;
}

const IDENTITY =
  "Identity: `declaration`: the event's own `identify`; `adapter`: the `identify` of the application; `scope`: whoever the " +
  'scope around says; `unknown`: known when the application runs.';
const NOT_EMITTED =
  'No route declares these events of the catalogue. If code tracks them, `trackedInCode` may say where.';

function section<T>(
  heading: string,
  items: readonly T[],
  render: (items: readonly T[]) => string,
): readonly string[] {
  return items.length === 0 ? [] : [`## ${heading}`, render(items)];
}

function routesTable(routes: readonly PlannedRoute[], events: readonly PlannedEvent[] | undefined): string {
  const rows = routes.map(({ framework, route, handler, event, identity, conditions }) => [
    framework,
    handler === undefined ? code(route) : `${code(route)} ${code(handler)}`,
    code(event),
    dataNames(events, event),
    identity,
    conditions.map(cell).join('; '),
  ]);
  return table(['Framework', 'Route', 'Event', 'Data', 'Identity', 'Conditions'], rows);
}

/** The properties' names: what they are is in the events' own table. */
function dataNames(events: readonly PlannedEvent[] | undefined, name: string): string {
  const event = events?.find((each) => each.name === name);
  if (!event) return events ? 'not in the catalogue' : '';
  const { properties, summary } = event.data;
  if (summary !== undefined) return summaryCell(summary);
  return properties.map((property) => code(nameOf(property))).join(', ');
}

/** A type is code, and words are words. */
function summaryCell(summary: string): string {
  return summary.startsWith('{') ? code(summary) : cell(summary);
}

function nameOf({ name, isRequired }: PlannedProperty): string {
  return isRequired ? name : `${name}?`;
}

function eventsTable(events: readonly PlannedEvent[]): string {
  const rows = events.map(({ name, description, data }) => [
    code(name),
    cell(description ?? ''),
    dataCell(data),
  ]);
  return table(['Event', 'Description', 'Data'], rows);
}

function dataCell({ properties, summary }: PlannedData): string {
  if (summary !== undefined) return summaryCell(summary);
  const lines = properties.map(({ name, type, isRequired, description }) => {
    const told = description === undefined ? '' : ` (${cell(description)})`;
    return `${code(name)}: ${code(type)}${isRequired ? '' : ', optional'}${told}`;
  });
  return lines.join('<br>');
}
