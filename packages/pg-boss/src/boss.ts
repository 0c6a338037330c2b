/** What is used of pg-boss 12.38 and later, in words of our own, so that its types stay out of ours. */

/** Where SQL is run: a connection, or a transaction of whichever library, as pg-boss's adapters make it. */
export interface SqlDatabase {
  /** Runs one statement. */
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/** A transaction of pg-boss's own pool. */
export interface BossTransaction {
  /** What runs statements in it. */
  readonly db: SqlDatabase;
  /** Ends it, and keeps what was done in it. */
  commit(): Promise<void>;
  /** Ends it, as if it had not been. */
  rollback(): Promise<void>;
}

/** One time that a job was given out. A call for an attempt does nothing once another has the job. */
export interface JobAttempt {
  /** The id of the job. */
  readonly id: string;
  /** How often it had been given out before. */
  readonly retryCount: number;
}

/** A job to be stored. */
export interface NewJob {
  /** A UUID. @default one of its own */
  id?: string;
  /** What it says. @default nothing */
  data?: object;
  /** Not to be given out before this time: ISO 8601. @default at once */
  startAfter?: string;
}

/** A job that was given out. */
export interface FetchedJob<T> extends JobAttempt {
  /** What it says. */
  readonly data: T;
  /** After how long another may get it, in seconds. */
  readonly expireInSeconds: number;
  /** After how long without a `touch` another may get it, in seconds; `null` where it needs none. */
  readonly heartbeatSeconds: number | null;
}

/** Runs a call on the connection, or in the transaction, of somebody else. */
export interface WithDb {
  /** What runs its statements. @default a connection of pg-boss's pool */
  readonly db?: SqlDatabase;
}

/** A `PgBoss` of pg-boss 12.38 or later. */
export interface Boss {
  /** Where its SQL is run. */
  getDb(): SqlDatabase & { beginTransaction?(): Promise<BossTransaction> };
  /** Makes a queue, unless there is one of that name. */
  createQueue(name: string, options?: object): Promise<void>;
  /** Stores jobs. */
  insert(name: string, jobs: NewJob[], options?: { returnId?: boolean } & WithDb): Promise<string[] | null>;
  /** Takes jobs that are due. */
  fetch<T>(name: string, options?: { batchSize?: number } & WithDb): Promise<FetchedJob<T>[]>;
  /** Ends jobs. */
  complete(
    name: string,
    ids: string[],
    data?: object | null,
    options?: { includeQueued?: boolean } & WithDb,
  ): Promise<unknown>;
  /** Gives jobs back, to be given out again or buried as their queue says. */
  fail(name: string, attempts: JobAttempt[], data?: object | null, options?: WithDb): Promise<unknown>;
  /** Changes a job that waits. */
  update(
    name: string,
    data: object | undefined,
    options?: { id: string; startAfter: Date } & WithDb,
  ): Promise<unknown>;
  /** Removes jobs. */
  deleteJob(name: string, jobs: string[] | JobAttempt[], options?: WithDb): Promise<unknown>;
  /** Says that jobs are still worked on. */
  touch(name: string, attempts: JobAttempt[], options?: WithDb): Promise<unknown>;
  /** Jobs of a queue, in the order of their ids. */
  findJobs<T>(
    name: string,
    options?: { limit?: number; after?: string; id?: string } & WithDb,
  ): Promise<{ readonly id: string; readonly data: T }[]>;
  /** Brings back what was given out and is overdue, and removes what is old. */
  supervise(name?: string): Promise<void>;
}

/** How many jobs a command of pg-boss has changed. */
export function affectedBy(response: unknown): number {
  return (response as { readonly affected?: number }).affected ?? 0;
}
