import { aBoolean, aFunction, checkOptions, type OptionRule } from '../options.ts';
import type { ReplayOptions } from './contract.ts';

const aRate: OptionRule = {
  expected: 'a number above 0',
  accepts: (value) => typeof value === 'number' && value > 0 && value !== Number.POSITIVE_INFINITY,
};

/** The options of a `replay`, as {@link checkOptions} gives them. @throws {VeroError} `VERO_CONFIG` for a bad one */
export function checkReplayOptions(options: ReplayOptions): ReplayOptions {
  return checkOptions('replay', options, {
    filter: aFunction,
    map: aFunction,
    dryRun: aBoolean,
    ratePerSecond: aRate,
  });
}
