/**
 * Adds the matchers to Jest's `expect`: list it in `setupFilesAfterEnv`.
 *
 * @packageDocumentation
 */
import { expect } from '@jest/globals';
import { type TrackingMatchers, trackingMatchers } from './matchers.ts';

declare module 'expect' {
  // For `@jest/globals`.
  interface Matchers<R extends void | Promise<void>, T = unknown> extends TrackingMatchers<R, T> {}
}

declare global {
  /** @internal */
  namespace jest {
    // For `@types/jest`.
    // biome-ignore lint/complexity/noBannedTypes: declarations that merge have the same parameters
    interface Matchers<R, T = {}> extends TrackingMatchers<R, T> {}
  }
}

expect.extend(trackingMatchers);
