import { VeroError } from '@verotrack/core/queue';
import type { SqlDatabase } from './boss.ts';

/** What is used of a client of `pg` in a transaction. */
export interface PgTransaction {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/** What is used of a transaction of Knex. */
export interface KnexTransaction {
  raw(sql: string, bindings: never): PromiseLike<unknown>;
}

/** What is used of a transaction of Kysely. */
export interface KyselyTransaction {
  executeQuery(query: never): Promise<unknown>;
}

/** What is used of an interactive transaction of Prisma. */
export interface PrismaTransaction {
  $queryRawUnsafe(query: string, ...values: never[]): PromiseLike<unknown>;
}

/** What is used of a transaction of Drizzle, beside its `sql`. */
export interface DrizzleTransaction {
  execute(query: never): PromiseLike<unknown>;
}

/** Drizzle's `sql`. */
export type DrizzleSql = ((strings: TemplateStringsArray, ...values: never[]) => unknown) & {
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
  if (has(transaction, 'executeSql')) return transaction as SqlDatabase;
  const { fromDrizzle, fromKnex, fromKysely, fromPrisma } = await import('pg-boss');
  if (has(transaction, '$queryRawUnsafe')) return fromPrisma(transaction as never);
  if (has(transaction, 'executeQuery')) return fromKysely(transaction as never);
  if (has(transaction, 'raw')) return fromKnex(transaction as never);
  if (has(transaction, 'execute')) {
    if (sql) return fromDrizzle(transaction as never, sql as never);
    throw new VeroError(
      'VERO_CONFIG',
      'createOutbox: option "sql" is missing. For transactions of Drizzle, pass the `sql` of drizzle-orm.',
    );
  }
  if (has(transaction, 'query')) {
    return { executeSql: (text, values) => (transaction as PgTransaction).query(text, values) };
  }
  throw new VeroError(
    'VERO_CONFIG',
    'outbox: its argument must be a transaction of pg, Knex, Kysely, Prisma or Drizzle, or have executeSql(text, values)',
  );
}

function has(transaction: unknown, method: string): boolean {
  const isObject =
    (typeof transaction === 'object' && transaction !== null) || typeof transaction === 'function';
  return isObject && typeof (transaction as Record<string, unknown>)[method] === 'function';
}
