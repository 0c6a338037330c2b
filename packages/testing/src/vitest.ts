/** Adds the matchers to Vitest's `expect`: import it once, in a setup file. */
import { expect } from 'vitest';
import { matchers, type TrackingMatchers } from './matchers.ts';

declare module 'vitest' {
  interface Matchers<R, T> extends TrackingMatchers<R, T> {}
}

expect.extend(matchers);
