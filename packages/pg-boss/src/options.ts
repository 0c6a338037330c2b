import {
  aBoolean,
  aRate,
  aString,
  checkOptions,
  having,
  type OptionRule,
  positiveInteger,
  VeroError,
} from '@verotrack/core/queue';
import type { Boss } from './boss.ts';

/** The options of {@link pgBossQueue}. */
export interface PgBossQueueOptions {
  /** Of the Postgres that the fleet shares: `postgres://…`. This, or `boss`. */
  readonly connectionString?: string | undefined;
  /**
   * A `PgBoss` of pg-boss 12.38 or later that the application has, and starts and stops itself. This, or
   * `connectionString`. Its supervision (`supervise`) brings back what a worker held that died.
   */
  readonly boss?: Boss | undefined;
  /** The schema of pg-boss. @default 'verotrack', and 'pgboss' with `boss` */
  readonly schema?: string | undefined;
  /** What the queues of pg-boss are called here, before the project. @default 'verotrack' */
  readonly queue?: string | undefined;
  /**
   * Make the schema where there is none, and bring it up to date. `false`: somebody else has run what
   * `verotrack-pg-boss sql` prints, and this role may not.
   * @default true
   */
  readonly migrate?: boolean | undefined;
  /** Give the events of each project a table of their own. Heeded when the queue is made. @default false */
  readonly partition?: boolean | undefined;
  /** How many connections it may open. @default 4 */
  readonly connections?: number | undefined;
  /** How many events wait in this process while Postgres takes none; what comes then is dropped. @default 10_000 */
  readonly bufferCapacity?: number | undefined;
  /** How many bytes they may take, at two for a character and 400 for each event. @default 64 MiB */
  readonly bufferMaxBytes?: number | undefined;
  /** How many events all workers together may send in a second. @default as many as they can */
  readonly ratePerSecond?: number | undefined;
  /**
   * How soon others get what a worker held that died, in seconds: from 20. Heeded when the queue is made, so say the same
   * everywhere.
   * @default 60
   */
  readonly takeOverAfterSeconds?: number | undefined;
  /** How many days dead letters are kept. Heeded when the queue is made. @default 90 */
  readonly deadLetterDays?: number | undefined;
}

/** The options with every default in its place. */
export interface QueueSettings {
  readonly connectionString: string | undefined;
  readonly boss: Boss | undefined;
  readonly schema: string;
  readonly queue: string;
  readonly migrate: boolean;
  readonly partition: boolean;
  readonly connections: number;
  readonly bufferCapacity: number;
  readonly bufferMaxBytes: number;
  readonly ratePerSecond: number | undefined;
  readonly takeOverAfterSeconds: number;
  readonly deadLetterDays: number;
}

/** Half of it is the shortest that pg-boss takes for a heartbeat. */
const SHORTEST_TAKE_OVER = 20;

export const secondsOfTakeOver: OptionRule = {
  expected: `a whole number of seconds from ${SHORTEST_TAKE_OVER}`,
  accepts: (value) => positiveInteger.accepts(value) && (value as number) >= SHORTEST_TAKE_OVER,
};

export const aQueueName: OptionRule = {
  expected: 'letters, digits, _ and - only',
  accepts: (value) => typeof value === 'string' && /^[\w-]{1,60}$/.test(value),
};

/** A name that needs no quotes in SQL, or one that has them. */
export const aSchemaName: OptionRule = {
  expected: 'letters, digits and _ only, or a name in double quotes',
  accepts: (value) =>
    typeof value === 'string' && /^([A-Za-z_]\w{0,49}|"[^"'%$.\\\p{Cc}]{1,50}")$/u.test(value),
};

/** @throws {VeroError} `VERO_CONFIG`, naming the option */
export function queueSettings(where: string, given: PgBossQueueOptions): QueueSettings {
  const options = checkOptions(where, given, {
    connectionString: aString,
    boss: having('a PgBoss of pg-boss 12.38 or later', 'getDb', 'insert', 'fetch', 'complete', 'touch'),
    schema: aSchemaName,
    queue: aQueueName,
    migrate: aBoolean,
    partition: aBoolean,
    connections: positiveInteger,
    bufferCapacity: positiveInteger,
    bufferMaxBytes: positiveInteger,
    ratePerSecond: aRate,
    takeOverAfterSeconds: secondsOfTakeOver,
    deadLetterDays: positiveInteger,
  });
  const { connectionString, boss } = options;
  if ((connectionString === undefined) === (boss === undefined)) {
    const what = boss ? 'are both given; pass one of them' : 'are both missing; pass one of them';
    throw new VeroError('VERO_CONFIG', `${where}: options "connectionString" and "boss" ${what}`);
  }
  return {
    connectionString,
    boss,
    schema: options.schema ?? (boss ? 'pgboss' : 'verotrack'),
    queue: options.queue ?? 'verotrack',
    migrate: options.migrate ?? true,
    partition: options.partition ?? false,
    connections: options.connections ?? 4,
    bufferCapacity: options.bufferCapacity ?? 10_000,
    bufferMaxBytes: options.bufferMaxBytes ?? 64 * 1024 * 1024,
    ratePerSecond: options.ratePerSecond,
    takeOverAfterSeconds: options.takeOverAfterSeconds ?? 60,
    deadLetterDays: options.deadLetterDays ?? 90,
  };
}
