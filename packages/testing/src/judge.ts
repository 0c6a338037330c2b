import type { EventCatalogue, VeroStats } from '@verotrack/core';
import { assertInCatalogue } from '@verotrack/core/adapter';
import { differences } from './differences.ts';
import type { RecordedEvent } from './recorded-event.ts';
import { report } from './report.ts';
import type { Untracked } from './untracked.ts';

/** What is expected of a recorder. */
export interface Expectation {
  /** The function that was called, for messages. */
  readonly where: string;
  /** `undefined`: that nothing was tracked. */
  readonly name?: string | undefined;
  readonly expected?: object | undefined;
  /** How often. @default at least once */
  readonly times?: number | undefined;
  readonly isNot?: boolean | undefined;
}

/** The part of a recorder that is judged. */
export interface Recording {
  events(): readonly RecordedEvent[];
  untracked(): readonly Untracked[];
  stats(): Pick<VeroStats, 'openScopes' | 'deferred'>;
}

/**
 * Whether it is as expected.
 *
 * @returns what to say of it if not
 * @throws {VeroError} `VERO_CONFIG` for an event that is not in the catalogue, of which no `not` could ever fail
 */
export function judge(
  recorder: Recording,
  catalogue: EventCatalogue | undefined,
  expectation: Expectation,
): string | undefined {
  const { where, name, expected, times, isNot = false } = expectation;
  if (name !== undefined && catalogue) assertInCatalogue(where, catalogue, [name]);
  const events = recorder.events();
  const found = name === undefined ? events.length : findEvents(events, name, expected).length;
  const isMet = times === undefined ? (name === undefined ? found === 0 : found > 0) : found === times;
  const openWork = openWorkOf(recorder);
  // What is not there may still be on its way; only what is there will stay.
  const isForGood = times === undefined && found > 0;
  if (isMet !== isNot && (isForGood || openWork === 0)) return undefined;
  return report(expectation, { events, untracked: recorder.untracked(), openWork });
}

function openWorkOf(recorder: Recording): number {
  const { openScopes, deferred } = recorder.stats();
  // Work that has ended may have events that are not decided.
  return Math.max(openScopes, Math.min(deferred, 1));
}

/** The events with this name that are as expected. */
export function findEvents(
  events: readonly RecordedEvent[],
  name: string,
  expected: object | undefined,
): readonly RecordedEvent[] {
  const named = events.filter((event) => event.name === name);
  return expected === undefined ? named : named.filter((event) => differences(event, expected).length === 0);
}
