/** What is used of pg-boss 12.38 and later, in words of our own, so that its types stay out of ours. */

/** Where SQL is run: a connection, or a transaction of whichever library, as pg-boss's adapters make it. */
export interface SqlDatabase {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/** A transaction of pg-boss's own pool. */
export interface BossTransaction {
  readonly db: SqlDatabase;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** One time that a job was given out. A call for an attempt does nothing once another has the job. */
export interface JobAttempt {
  readonly id: string;
  readonly retryCount: number;
}

export interface NewJob {
  id?: string;
  data?: object;
  startAfter?: string;
}

export interface FetchedJob<T> extends JobAttempt {
  readonly data: T;
  readonly expireInSeconds: number;
  readonly heartbeatSeconds: number | null;
}

interface WithDb {
  readonly db?: SqlDatabase;
}

/** A `PgBoss` of pg-boss 12.38 or later. */
export interface Boss {
  getDb(): SqlDatabase & { beginTransaction?(): Promise<BossTransaction> };
  createQueue(name: string, options?: object): Promise<void>;
  insert(name: string, jobs: NewJob[], options?: { returnId?: boolean } & WithDb): Promise<string[] | null>;
  fetch<T>(name: string, options?: { batchSize?: number } & WithDb): Promise<FetchedJob<T>[]>;
  complete(
    name: string,
    ids: string[],
    data?: object | null,
    options?: { includeQueued?: boolean } & WithDb,
  ): Promise<unknown>;
  fail(name: string, attempts: JobAttempt[], data?: object | null, options?: WithDb): Promise<unknown>;
  update(
    name: string,
    data: object | undefined,
    options?: { id: string; startAfter: Date } & WithDb,
  ): Promise<unknown>;
  deleteJob(name: string, jobs: string[] | JobAttempt[], options?: WithDb): Promise<unknown>;
  touch(name: string, attempts: JobAttempt[], options?: WithDb): Promise<unknown>;
  findJobs<T>(
    name: string,
    options?: { limit?: number; after?: string; id?: string } & WithDb,
  ): Promise<{ readonly id: string; readonly data: T }[]>;
  supervise(name?: string): Promise<void>;
}

/** How many jobs a command of pg-boss has changed. */
export function affectedBy(response: unknown): number {
  return (response as { readonly affected?: number }).affected ?? 0;
}
