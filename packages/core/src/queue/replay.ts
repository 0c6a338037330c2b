import { aBoolean, aFunction, aRate, checkOptions } from '../options.ts';
import type { DeadLetter, QueueRecord, ReplayOptions } from './contract.ts';

/**
 * The options of a `replay`, as {@link checkOptions} gives them.
 *
 * @throws {VeroError} `VERO_CONFIG` for a bad one
 */
export function checkReplayOptions(options: ReplayOptions): ReplayOptions {
  return checkOptions('replay', options, {
    filter: aFunction,
    map: aFunction,
    dryRun: aBoolean,
    ratePerSecond: aRate,
  });
}

/**
 * What `replay` puts back of each dead letter: a new record, due when the rate has room for it, or nothing. For authors
 * of queues, who ask it for all letters before anything is moved: it calls the caller's functions.
 */
export function replayedRecords({
  filter,
  map,
  ratePerSecond,
}: ReplayOptions): (letter: DeadLetter) => QueueRecord | undefined {
  const now = Date.now();
  let count = 0;
  return (letter) => {
    if (filter && !filter(letter)) return undefined;
    const record = map ? map(letter.record) : letter.record;
    if (!record) return undefined;
    const notBefore = ratePerSecond ? Math.ceil(now + (count * 1_000) / ratePerSecond) : 0;
    count++;
    return { ...record, attempts: 0, acceptedAt: now, notBefore };
  };
}
