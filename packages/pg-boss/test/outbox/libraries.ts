/** What the five libraries have in common, as the suite of the outbox uses it. */
import { PrismaPg } from '@prisma/adapter-pg';
import { type Prisma, PrismaClient } from '@verotrack/test-prisma';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { integer, pgTable, text } from 'drizzle-orm/pg-core';
import knex, { type Knex } from 'knex';
import { Kysely, type Transaction as KyselyTransaction, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { DrizzleSql, Transaction } from '../../src/index.ts';

/** A transaction that is open. */
export interface OpenTransaction {
  readonly tx: Transaction;
  /** Refused by the database when `total` is 0, or when there is such an order. */
  order(id: string, total?: number): Promise<unknown>;
  /** A transaction in it: a savepoint. */
  nested(work: (inner: OpenTransaction) => Promise<void>): Promise<void>;
}

/** A database as an application has it. */
export interface Database {
  /** The database itself, which is no transaction. */
  readonly itself: unknown;
  /** What the outbox needs for it. */
  readonly outbox: { readonly sql?: DrizzleSql };
  /** Commits if `work` resolves, and rolls back if it rejects. */
  transaction(work: (open: OpenTransaction) => Promise<void>): Promise<void>;
  close(): Promise<unknown>;
}

interface Tables {
  orders: { id: string; total: number };
}

export const ordersTable =
  'CREATE TABLE orders (id text PRIMARY KEY, total integer NOT NULL CHECK (total > 0))';

/** Opens a database whose orders are in `schema`. */
export type OpenDatabase = (url: string, schema: string) => Database;

export const libraries: Readonly<Record<string, OpenDatabase>> = {
  pg: openPg,
  Knex: openKnex,
  Kysely: openKysely,
  Drizzle: openDrizzle,
  Prisma: openPrisma,
};

export function inSchema(url: string, schema: string): string {
  const inside = new URL(url);
  inside.searchParams.set('options', `-c search_path=${schema}`);
  return inside.href;
}

function openPg(url: string, schema: string): Database {
  const pool = new pg.Pool({ connectionString: inSchema(url, schema) });
  const within = async (client: pg.PoolClient, begin: string, end: string, undo: string, work: Work) => {
    await client.query(begin);
    try {
      await work({
        tx: client,
        order: (id, total = 59) => client.query('INSERT INTO orders VALUES ($1, $2)', [id, total]),
        nested: (inner) =>
          within(
            client,
            'SAVEPOINT inside',
            'RELEASE SAVEPOINT inside',
            'ROLLBACK TO SAVEPOINT inside',
            inner,
          ),
      });
      await client.query(end);
    } catch (thrown) {
      await client.query(undo);
      throw thrown;
    }
  };
  return {
    itself: pool,
    outbox: {},
    transaction: async (work) => {
      const client = await pool.connect();
      try {
        await within(client, 'BEGIN', 'COMMIT', 'ROLLBACK', work);
      } finally {
        client.release();
      }
    },
    close: () => pool.end(),
  };
}

function openKnex(url: string, schema: string): Database {
  const db = knex({ client: 'pg', connection: inSchema(url, schema) });
  const opened = (trx: Knex.Transaction): OpenTransaction => ({
    tx: trx,
    order: async (id, total = 59) => await trx('orders').insert({ id, total }),
    nested: (work) => trx.transaction((inner) => work(opened(inner))),
  });
  return {
    itself: db,
    outbox: {},
    transaction: (work) => db.transaction((trx) => work(opened(trx))),
    close: () => db.destroy(),
  };
}

function openKysely(url: string, schema: string): Database {
  const pool = new pg.Pool({ connectionString: inSchema(url, schema) });
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  const order =
    (tx: KyselyTransaction<Tables>) =>
    (id: string, total = 59) =>
      tx.insertInto('orders').values({ id, total }).execute();
  return {
    itself: db,
    outbox: {},
    transaction: async (work) => {
      const tx = await db.startTransaction().execute();
      try {
        await work({
          tx,
          order: order(tx),
          nested: async (inner) => {
            const saved = await tx.savepoint('inside').execute();
            try {
              await inner({
                tx: saved,
                order: order(saved),
                nested: () => Promise.reject(new Error('no deeper')),
              });
              await saved.releaseSavepoint('inside').execute();
            } catch (thrown) {
              await saved.rollbackToSavepoint('inside').execute();
              throw thrown;
            }
          },
        });
        await tx.commit().execute();
      } catch (thrown) {
        await tx.rollback().execute();
        throw thrown;
      }
    },
    close: () => db.destroy(),
  };
}

function openDrizzle(url: string, schema: string): Database {
  const orders = pgTable('orders', { id: text().primaryKey(), total: integer().notNull() });
  const pool = new pg.Pool({ connectionString: inSchema(url, schema) });
  const db = drizzle(pool);
  type Tx = Parameters<Parameters<typeof db.transaction>[0]>[0];
  const opened = (tx: Tx): OpenTransaction => ({
    tx,
    order: (id, total = 59) => tx.insert(orders).values({ id, total }),
    nested: (work) => tx.transaction((inner) => work(opened(inner))),
  });
  return {
    itself: db,
    outbox: { sql },
    transaction: (work) => db.transaction((tx) => work(opened(tx))),
    close: () => pool.end(),
  };
}

function openPrisma(url: string, schema: string): Database {
  const adapter = new PrismaPg({ connectionString: url }, { schema });
  const db = new PrismaClient({ adapter });
  const opened = (tx: Prisma.TransactionClient): OpenTransaction => ({
    tx,
    order: (id, total = 59) => tx.order.create({ data: { id, total } }),
    nested: (work) => tx.$transaction((inner) => work(opened(inner))),
  });
  return {
    itself: db,
    outbox: {},
    transaction: (work) => db.$transaction((tx) => work(opened(tx))),
    close: () => db.$disconnect(),
  };
}

type Work = (open: OpenTransaction) => Promise<void>;
