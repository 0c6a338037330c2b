/**
 * Adds the matchers to Vitest's `expect`: import it once, in a setup file.
 *
 * @packageDocumentation
 */
import { expect } from 'vitest';
import { type TrackingMatchers, trackingMatchers } from './matchers.ts';

declare module 'vitest' {
  interface Matchers<R, T> extends TrackingMatchers<R, T> {}
}

expect.extend(trackingMatchers);
