import type { SqlDatabase } from './boss.ts';

/** What the workers of a queue must agree on, and pg-boss has no place for. */
export function fleetTableSql(schema: string): string {
  return `CREATE TABLE IF NOT EXISTS ${schema}.verotrack_fleet (
  queue text PRIMARY KEY,
  paused_until timestamp with time zone,
  next_event_at timestamp with time zone
)`;
}

/** What a worker may take now. */
export interface Allowance {
  readonly count: number;
  /** In milliseconds since 1970; 0 when Vero never asked for silence. */
  readonly pausedUntil: number;
}

/** For so many seconds what was not used of the rate can be used later. */
const BURST_SECONDS = 0.1;

/** The pause and the rate of a fleet, in a row for each queue. */
export class FleetState {
  readonly #schema: string;
  readonly #database: () => Promise<SqlDatabase>;

  constructor(schema: string, database: () => Promise<SqlDatabase>) {
    this.#schema = schema;
    this.#database = database;
  }

  /** Makes the row of a queue, where there is none. */
  async begin(queue: string): Promise<void> {
    await this.#run(
      `INSERT INTO ${this.#schema}.verotrack_fleet (queue) VALUES ($1) ON CONFLICT (queue) DO NOTHING`,
      [queue],
    );
  }

  /** Never shortens a pause. */
  async pause(queue: string, until: number): Promise<void> {
    await this.#run(
      `UPDATE ${this.#schema}.verotrack_fleet
       SET paused_until = GREATEST(paused_until, to_timestamp($2::float8 / 1000)) WHERE queue = $1`,
      [queue, until],
    );
  }

  async pausedUntil(queue: string): Promise<number> {
    const [row] = await this.#run<{ until: number | null }>(
      `SELECT ${milliseconds('paused_until')} AS until FROM ${this.#schema}.verotrack_fleet WHERE queue = $1`,
      [queue],
    );
    return row?.until ?? 0;
  }

  /** Up to `count` events out of the rate that the fleet has together. */
  async claim(queue: string, count: number, ratePerSecond: number): Promise<Allowance> {
    const burst = Math.max(BURST_SECONDS, 1 / ratePerSecond);
    const [row] = await this.#run<{ count: number; until: number | null }>(
      `WITH before AS (
         SELECT GREATEST(next_event_at, clock_timestamp()) AS next_at, paused_until
         FROM ${this.#schema}.verotrack_fleet WHERE queue = $1 FOR UPDATE
       ), granted AS (
         SELECT next_at, CASE WHEN paused_until > to_timestamp($5::float8 / 1000) THEN 0 ELSE GREATEST(0, LEAST($2::int,
           FLOOR((EXTRACT(EPOCH FROM clock_timestamp() - next_at)::float8 + $4::float8) * $3::float8)::int)) END AS count
         FROM before
       )
       UPDATE ${this.#schema}.verotrack_fleet AS fleet
       SET next_event_at = granted.next_at + granted.count / $3::float8 * interval '1 second'
       FROM granted WHERE fleet.queue = $1
       RETURNING granted.count, ${milliseconds('fleet.paused_until')} AS until`,
      [queue, count, ratePerSecond, burst, Date.now()],
    );
    return { count: row?.count ?? 0, pausedUntil: row?.until ?? 0 };
  }

  /** What was claimed and not used. */
  async giveBack(queue: string, count: number, ratePerSecond: number): Promise<void> {
    await this.#run(
      `UPDATE ${this.#schema}.verotrack_fleet
       SET next_event_at = next_event_at - $2::float8 / $3::float8 * interval '1 second' WHERE queue = $1`,
      [queue, count, ratePerSecond],
    );
  }

  async #run<Row>(text: string, values: unknown[]): Promise<Row[]> {
    const { rows } = await (await this.#database()).executeSql(text, values);
    return rows as Row[];
  }
}

export function milliseconds(column: string): string {
  return `ROUND(EXTRACT(EPOCH FROM ${column}) * 1000)::float8`;
}
