import { VeroError } from '../errors.ts';
import { aBoolean, aFunction, aRate, checkOptions } from '../options.ts';
import type { DeadLetter, QueueRecord, ReplayOptions } from './contract.ts';
import { problemOf } from './record-problem.ts';

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
 *
 * @throws {VeroError} from what is returned: `VERO_CONFIG`, when `map` gave what can't be sent
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
    const record = map ? mended(letter.record, map(letter.record)) : letter.record;
    if (!record) return undefined;
    const notBefore = ratePerSecond ? Math.ceil(now + (count * 1_000) / ratePerSecond) : 0;
    count++;
    return { ...record, attempts: 0, acceptedAt: now, notBefore };
  };
}

/** The record stays the same event, whatever the caller made of it. */
function mended(before: QueueRecord, given: QueueRecord | null): QueueRecord | undefined {
  if (!given) return undefined;
  const { id, v, kind } = before;
  const record = { ...given, id, v, kind };
  const problem = typeof record.project === 'string' ? problemOf(record) : 'it has no project';
  if (problem === undefined) return record;
  throw new VeroError(
    'VERO_CONFIG',
    `replay: map gave what can't be sent, for the event ${id}: ${problem}. Nothing was replayed`,
  );
}
