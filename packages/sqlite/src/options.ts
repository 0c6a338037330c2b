import { resolve } from 'node:path';
import { aString, checkOptions, oneOf, positiveInteger, VeroError } from '@verotrack/core/queue';

/** The options of {@link sqliteQueue}. */
export interface SqliteQueueOptions {
  /** The file. It is made where there is none; its folder must be on a disk of this machine. */
  readonly path: string;
  /** How many events may wait. @default 1_000_000 */
  readonly capacity?: number | undefined;
  /** How large the file may grow, in bytes. @default 1 GiB */
  readonly maxBytes?: number | undefined;
  /** What a full queue drops. @default 'drop-newest' */
  readonly overflow?: 'drop-newest' | 'drop-oldest' | undefined;
  /** How many dead letters are kept; older ones are forgotten. @default 10_000 */
  readonly deadLetterCapacity?: number | undefined;
  /** How many events wait beside the file while it takes none. @default 1_000 */
  readonly spillCapacity?: number | undefined;
  /**
   * `normal`: an event outlives the process, however it ends. `full`: it outlives the loss of power, too, for which each
   * `track` waits for the disk.
   * @default 'normal'
   */
  readonly synchronous?: 'normal' | 'full' | undefined;
}

/** The options with every default in its place. */
export type QueueSettings = {
  readonly [Name in keyof SqliteQueueOptions]-?: NonNullable<SqliteQueueOptions[Name]>;
};

/** @throws {VeroError} `VERO_CONFIG`, naming the option */
export function queueSettings(given: SqliteQueueOptions): QueueSettings {
  const {
    path,
    capacity = 1_000_000,
    maxBytes = 1024 ** 3,
    overflow = 'drop-newest',
    deadLetterCapacity = 10_000,
    spillCapacity = 1_000,
    synchronous = 'normal',
  } = checkOptions('sqliteQueue', given, {
    path: aString,
    capacity: positiveInteger,
    maxBytes: positiveInteger,
    overflow: oneOf('drop-newest', 'drop-oldest'),
    deadLetterCapacity: positiveInteger,
    spillCapacity: positiveInteger,
    synchronous: oneOf('normal', 'full'),
  });
  if (path === undefined) throw new VeroError('VERO_CONFIG', 'sqliteQueue: option "path" is missing');
  if (path === ':memory:') {
    throw new VeroError(
      'VERO_CONFIG',
      'sqliteQueue: option "path" must be a file; for memory use memoryQueue()',
    );
  }
  return {
    path: resolve(path),
    capacity,
    maxBytes,
    overflow,
    deadLetterCapacity,
    spillCapacity,
    synchronous,
  };
}
