import { catalogueOf } from '@verotrack/core/adapter';
import { type Expectation, judge, type Recording } from './judge.ts';
import type { ExpectedEvent } from './recorded-event.ts';
import type { Recorder } from './recorder.ts';

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

/** What Vitest and Jest give to a matcher. */
interface MatcherContext {
  readonly isNot?: boolean;
}

/** What a matcher says to Vitest and Jest. */
interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** The matchers, for `expect.extend` where neither Vitest nor Jest is the runner. */
export const trackingMatchers = {
  /** As {@link TrackingMatchers.toHaveTracked}. */
  toHaveTracked(this: MatcherContext, received: unknown, name: string, expected?: object): MatcherResult {
    return result(this, received, { where: 'toHaveTracked', name, expected });
  },
  /** As {@link TrackingMatchers.toHaveTrackedTimes}. */
  toHaveTrackedTimes(
    this: MatcherContext,
    received: unknown,
    name: string,
    times: number,
    expected?: object,
  ): MatcherResult {
    return result(this, received, { where: 'toHaveTrackedTimes', name, times, expected });
  },
  /** As {@link TrackingMatchers.toHaveTrackedNothing}. */
  toHaveTrackedNothing(this: MatcherContext, received: unknown): MatcherResult {
    return result(this, received, { where: 'toHaveTrackedNothing' });
  },
};

function result(
  { isNot = false }: MatcherContext,
  received: unknown,
  expectation: Omit<Expectation, 'isNot'>,
): MatcherResult {
  const { where } = expectation;
  if (!isRecording(received)) {
    throw new TypeError(`${where}: expect(…) must be given a recorder that recordVero made`);
  }
  const failure = judge(received, catalogueOf(received, where), { ...expectation, isNot });
  // For `not`, a runner turns it round.
  return { pass: (failure === undefined) !== isNot, message: () => failure ?? '' };
}

function isRecording(received: unknown): received is Recording {
  return typeof (received as Partial<Recording> | undefined)?.untracked === 'function';
}
