import type { EventCatalogue, IdentityDefinition } from '@verotrack/core';
import type { EventOf, ExpectedEvent } from './recorded-event.ts';
import type { Recorder } from './recorder.ts';
import { type Expectation, report } from './report.ts';

/** The names that a recorder knows. */
export type NameIn<Recording> =
  Recording extends Recorder<infer Events, infer _User> ? keyof Events['definitions'] & string : string;

/** What may be expected of an event of a recorder. */
export type ExpectedIn<Recording, Name extends string> =
  Recording extends Recorder<infer Events, infer _User> ? ExpectedEvent<Events, Name> : object;

/** The matchers, as `expect(recorder)` has them. `R` is what a matcher gives, and `T` the recorder. */
export interface TrackingMatchers<R, T> {
  /** Such an event was tracked, once or more often. What is expected is a part of it. */
  toHaveTracked<Name extends NameIn<T>>(name: Name, expected?: ExpectedIn<T, Name>): R;
  /** So many of such events were tracked. */
  toHaveTrackedTimes<Name extends NameIn<T>>(name: Name, times: number, expected?: ExpectedIn<T, Name>): R;
  /** No event at all was tracked. */
  toHaveTrackedNothing(): R;
}

/** What Vitest and Jest give to a matcher, and want of it. */
interface Context {
  readonly isNot?: boolean;
}

interface Result {
  readonly pass: boolean;
  readonly message: () => string;
}

type AnyRecorder = Recorder<EventCatalogue, IdentityDefinition>;

/** For `expect.extend` of Vitest and of Jest. */
export const matchers = {
  toHaveTracked(this: Context, received: unknown, name: string, expected?: object): Result {
    const recorder = recorderIn('toHaveTracked', received);
    const found = find(recorder, name, expected);
    return result(this, recorder, found.length > 0, { name, expected, times: undefined });
  },
  toHaveTrackedTimes(
    this: Context,
    received: unknown,
    name: string,
    times: number,
    expected?: object,
  ): Result {
    const recorder = recorderIn('toHaveTrackedTimes', received);
    const found = find(recorder, name, expected);
    return result(this, recorder, found.length === times, { name, expected, times });
  },
  toHaveTrackedNothing(this: Context, received: unknown): Result {
    const recorder = recorderIn('toHaveTrackedNothing', received);
    const isNothing = recorder.events().length === 0;
    return result(this, recorder, isNothing, { name: undefined, expected: undefined, times: undefined });
  },
};

function find(
  recorder: AnyRecorder,
  name: string,
  expected: object | undefined,
): readonly EventOf<EventCatalogue>[] {
  return recorder.tracked(name, expected as never);
}

function result(
  { isNot = false }: Context,
  recorder: AnyRecorder,
  pass: boolean,
  expectation: Omit<Expectation, 'isNot'>,
): Result {
  const message = (): string =>
    report(
      { ...expectation, isNot },
      { events: recorder.events(), untracked: recorder.untracked(), openWork: recorder.stats().openScopes },
    );
  return { pass, message };
}

function recorderIn(matcher: string, received: unknown): AnyRecorder {
  const isRecorder = typeof (received as Partial<AnyRecorder> | undefined)?.untracked === 'function';
  if (isRecorder) return received as AnyRecorder;
  throw new TypeError(`${matcher}: expect(…) must be given a recorder that recordVero made`);
}
