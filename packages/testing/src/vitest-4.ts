/**
 * Adds the matchers to the `expect` of Vitest 4: import it once, in a setup file.
 *
 * @packageDocumentation
 */
import { expect } from 'vitest';
import { type TrackingMatchers, trackingMatchers } from './matchers.ts';

declare global {
  namespace jest {
    // Vitest 4 takes its matchers from here, too; its own `Matchers` has other parameters than that of Vitest 5.
    // biome-ignore lint/complexity/noBannedTypes: declarations that merge have the same parameters
    interface Matchers<R, T = {}> extends TrackingMatchers<R, T> {}
  }
}

expect.extend(trackingMatchers);
