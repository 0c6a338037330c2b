import { catalogue } from '@verotrack/example-shop';
import { type Generated, Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';

interface Tables {
  products: { id: string; name: string; price: number; stock: number };
  orders: { id: Generated<string>; user_id: string; product_id: string; items: number; total: number };
}

export type Database = Kysely<Tables>;

/** How many of each product there are at first. */
const STOCK = 10;

export function openDatabase(connectionString: string): Database {
  const pool = new pg.Pool({ connectionString });
  // A connection that is lost, while nobody uses it or in the middle of a transaction, must not end the process.
  pool.on('error', (error) => console.error(error.message));
  pool.on('connect', (client) => client.on('error', () => {}));
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

/** A real shop has migrations. */
export async function createTables(db: Database): Promise<void> {
  await sql`CREATE TABLE IF NOT EXISTS products (
    id text PRIMARY KEY, name text NOT NULL, price integer NOT NULL, stock integer NOT NULL CHECK (stock >= 0)
  )`.execute(db);
  await sql`CREATE TABLE IF NOT EXISTS orders (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id text NOT NULL, product_id text NOT NULL REFERENCES products,
    items integer NOT NULL, total integer NOT NULL
  )`.execute(db);
  const products = catalogue.map((product) => ({ ...product, stock: STOCK }));
  await db
    .insertInto('products')
    .values(products)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
