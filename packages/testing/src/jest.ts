/** Adds the matchers to Jest's `expect`: list it in `setupFilesAfterEnv`. */
import { expect } from '@jest/globals';
import { matchers, type TrackingMatchers } from './matchers.ts';

declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T> extends TrackingMatchers<R, T> {}
}

declare global {
  namespace jest {
    interface Matchers<R, T> extends TrackingMatchers<R, T> {}
  }
}

expect.extend(matchers);
