import pg from 'pg';
import { inSchema, ordersTable } from './libraries.ts';

/** An event as it is in the queue's table. */
export interface StoredEvent {
  readonly name: string;
  readonly identity: unknown;
  readonly data: { readonly order: string };
}

/** What is committed in a schema that has the orders and the queue. */
export class Committed {
  readonly #pool: pg.Pool;
  readonly #schema: string;

  constructor(url: string, schema: string) {
    this.#pool = new pg.Pool({ connectionString: inSchema(url, schema), max: 2 });
    this.#schema = schema;
  }

  async begin(): Promise<void> {
    await this.#pool.query(`CREATE SCHEMA ${this.#schema}`);
    await this.#pool.query(ordersTable);
  }

  async orders(): Promise<string[]> {
    const { rows } = await this.#pool.query('SELECT id FROM orders ORDER BY id');
    return rows.map(({ id }) => id);
  }

  /** The events of an order, whether they were delivered meanwhile or not. */
  async eventsOf(order: string): Promise<StoredEvent[]> {
    const { rows } = await this.#pool.query(
      `SELECT data->>'body' AS body FROM job WHERE data ? 'body' ORDER BY data->>'acceptedAt', id`,
    );
    return rows
      .map(({ body }) => JSON.parse(body))
      .filter(({ data }) => data.order === order)
      .map(({ event_name: name, identity, data }) => ({ name, identity, data }));
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}
