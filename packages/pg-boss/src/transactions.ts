import { VeroError } from '@verotrack/core/queue';
import type { SqlDatabase } from './boss.ts';

/** What is used of a client of `pg` that has begun a transaction. */
export interface PgTransaction {
  /** Runs one statement. */
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
  /** A pool has it, whose statements go through any of its connections. */
  readonly totalCount?: never;
}

/** What is used of a transaction of Knex. */
export interface KnexTransaction {
  /** Runs one statement. */
  raw(sql: string, bindings: never): PromiseLike<unknown>;
  /** Whether it is committed or rolled back. The database itself has no such method. */
  isCompleted(): boolean;
}

/** What is used of a transaction of Kysely. */
export interface KyselyTransaction {
  /** Runs one statement. */
  executeQuery(query: never): Promise<unknown>;
  /** The database itself has `false`. */
  readonly isTransaction: true;
}

/** What is used of an interactive transaction of Prisma. */
export interface PrismaTransaction {
  /** Runs one statement. */
  $queryRawUnsafe(query: string, ...values: never[]): PromiseLike<unknown>;
  /** The client itself has it. */
  readonly $connect?: never;
}

/** What is used of a transaction of Drizzle, beside its `sql`. */
export interface DrizzleTransaction {
  /** Runs one statement. */
  execute(query: never): PromiseLike<unknown>;
  /** The database itself has no such method. */
  rollback(): never;
}

/** Drizzle's `sql`. */
export type DrizzleSql = ((strings: TemplateStringsArray, ...values: never[]) => unknown) & {
  /** A parameter of a statement. */
  param(value: never): unknown;
};

/** A transaction of the application, of whichever library; or whatever else runs SQL in one (`executeSql`). */
export type Transaction =
  | SqlDatabase
  | PgTransaction
  | KnexTransaction
  | KyselyTransaction
  | PrismaTransaction
  | DrizzleTransaction;

/** @throws {VeroError} `VERO_CONFIG` for what is no transaction, or one of Drizzle without its `sql` */
export async function databaseOf(
  transaction: Transaction,
  sql: DrizzleSql | undefined,
): Promise<SqlDatabase> {
  const given = membersOf(transaction);
  if (isFunction(given.executeSql)) return transaction as SqlDatabase;
  const { fromDrizzle, fromKnex, fromKysely, fromPrisma } = await import('pg-boss');
  if (isFunction(given.$queryRawUnsafe)) {
    if (isFunction(given.$connect)) throw noTransaction('the client of Prisma');
    return fromPrisma(transaction as never);
  }
  if (isFunction(given.executeQuery)) {
    if (given.isTransaction !== true) throw noTransaction('the database of Kysely');
    return fromKysely(transaction as never);
  }
  if (isFunction(given.raw)) {
    if (!isFunction(given.isCompleted)) throw noTransaction('the database of Knex');
    return fromKnex(transaction as never);
  }
  if (isFunction(given.execute)) {
    if (!isFunction(given.rollback)) throw noTransaction('the database of Drizzle');
    if (sql) return fromDrizzle(transaction as never, sql as never);
    throw new VeroError(
      'VERO_CONFIG',
      'createOutbox: option "sql" is missing. For transactions of Drizzle, pass the `sql` of drizzle-orm.',
    );
  }
  if (isFunction(given.query)) {
    if (given.totalCount !== undefined) throw noTransaction('a pool of pg');
    if (hasNotBegun(given)) throw noTransaction('a client of pg that has not begun one');
    return { executeSql: (text, values) => (transaction as PgTransaction).query(text, values) };
  }
  throw new VeroError(
    'VERO_CONFIG',
    'outbox: its argument must be a transaction of pg, Knex, Kysely, Prisma or Drizzle, or have executeSql(text, values)',
  );
}

/** As the server said last; older clients of `pg` don't tell. */
function hasNotBegun(client: Members): boolean {
  return isFunction(client.getTransactionStatus) && client.getTransactionStatus() === 'I';
}

function noTransaction(what: string): VeroError {
  return new VeroError(
    'VERO_CONFIG',
    `outbox: its argument must be a transaction, and is ${what}: the event would be stored without the order`,
  );
}

type Members = Readonly<Record<string, unknown>>;

function membersOf(value: unknown): Members {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return isObject ? (value as Members) : {};
}

function isFunction(value: unknown): value is () => unknown {
  return typeof value === 'function';
}
