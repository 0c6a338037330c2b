import { aBoolean, aFunction, checkOptions, type OptionRule } from '../options.ts';
import type { ReplayOptions } from './contract.ts';

const aRate: OptionRule = {
  expected: 'a number above 0',
  accepts: (value) => typeof value === 'number' && value > 0 && value !== Number.POSITIVE_INFINITY,
};

/**
 * Holds options of `replay` against what it takes.
 *
 * @throws {VeroError} `VERO_CONFIG` for a bad option of `replay`
 */
export function checkReplayOptions(options: ReplayOptions): void {
  checkOptions('replay', options, {
    filter: aFunction,
    map: aFunction,
    dryRun: aBoolean,
    ratePerSecond: aRate,
  });
}
