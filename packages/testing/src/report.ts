import { inspect } from 'node:util';
import { closest } from '@verotrack/core/adapter';
import { type Difference, differences } from './differences.ts';
import type { Expectation } from './judge.ts';
import type { RecordedEvent } from './recorded-event.ts';
import type { Untracked } from './untracked.ts';

const MAX_EVENTS = 8;
const MAX_DIFFERENCES = 6;
const MAX_UNTRACKED = 8;
const MAX_VALUE_LENGTH = 120;

/** What there is to say of a recorder. */
export interface Recorded {
  readonly events: readonly RecordedEvent[];
  readonly untracked: readonly Untracked[];
  /** Requests, calls and `run`s that have not ended. */
  readonly openWork: number;
}

/** Says in one screen what was expected, and what was tracked instead. */
export function report(expectation: Expectation, recorded: Recorded): string {
  const sections = [
    describeExpectation(expectation),
    describeEvents(expectation, recorded.events),
    describeUntracked(recorded.untracked),
    describeHints(expectation, recorded),
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

function describeExpectation({ name, expected, times, isNot }: Expectation): string {
  const often = times === undefined ? '' : ` ${count(times, 'time')}`;
  if (name === undefined) return `expected ${isNot ? 'an event' : 'nothing'} to be tracked`;
  const what = expected === undefined ? name : `${name} ${short(expected)}`;
  return `expected ${isNot ? 'not ' : ''}to be tracked${often}:\n  ${what}`;
}

function describeEvents({ name, expected }: Expectation, events: readonly RecordedEvent[]): string {
  if (events.length === 0) return 'nothing was tracked';
  // Those that are nearest to what was expected come first.
  const ranked = [...events].sort((a, b) => Number(b.name === name) - Number(a.name === name));
  const lines = ranked.slice(0, MAX_EVENTS).flatMap((event) => {
    const line = `  ${event.name} by ${event.identity.id}${event.data === undefined ? '' : ` ${short(event.data)}`}`;
    if (event.name !== name || expected === undefined) return [line];
    return [line, ...describeDifferences(differences(event, expected))];
  });
  if (events.length > MAX_EVENTS) lines.push(`  and ${events.length - MAX_EVENTS} more`);
  return `${count(events.length, 'event was', 'events were')} tracked:\n${lines.join('\n')}`;
}

function describeDifferences(found: readonly Difference[]): string[] {
  const lines = found
    .slice(0, MAX_DIFFERENCES)
    .map(({ path, expected, actual }) => `    ${path}: expected ${short(expected)}, was ${short(actual)}`);
  if (found.length > MAX_DIFFERENCES)
    lines.push(`    and ${found.length - MAX_DIFFERENCES} more differences`);
  return found.length === 0 ? ['    as expected'] : lines;
}

function describeUntracked(untracked: readonly Untracked[]): string {
  if (untracked.length === 0) return '';
  const lines = untracked.slice(-MAX_UNTRACKED).map(({ name, kind, reason, route }) => {
    const where = route === undefined ? '' : ` (${route})`;
    return `  ${name === undefined ? '' : `${name}: `}${kind}: ${cut(reason)}${where}`;
  });
  if (untracked.length > MAX_UNTRACKED)
    lines.unshift(`  ${untracked.length - MAX_UNTRACKED} more before these`);
  return `not tracked:\n${lines.join('\n')}`;
}

function describeHints({ name, isNot }: Expectation, { events, openWork }: Recorded): string {
  const hints: string[] = [];
  if (openWork > 0) {
    const what = count(openWork, 'request or scope is', 'requests or scopes are');
    hints.push(`${what} still open: await recorder.flushRequests() first`);
  }
  const names = [...new Set(events.map((event) => event.name))];
  const meant = name === undefined || names.includes(name) ? undefined : closest(name, names);
  if (meant !== undefined && !isNot) hints.push(`Did you mean "${meant}"?`);
  return hints.join('\n');
}

export function count(many: number, one: string, more = `${one}s`): string {
  return `${many} ${many === 1 ? one : more}`;
}

/** A value in a line. */
function short(value: unknown): string {
  return cut(
    inspect(value, { depth: 4, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 60, compact: true }),
  );
}

function cut(text: string): string {
  const line = text.replaceAll(/\s*\n\s*/g, ' ');
  return line.length > MAX_VALUE_LENGTH ? `${line.slice(0, MAX_VALUE_LENGTH)}…` : line;
}
