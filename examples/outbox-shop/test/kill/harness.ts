import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Inspector, startInspector } from '@verotrack/inspector';
import { startPostgres, type TestPostgres } from '@verotrack/test-postgres';
import pg from 'pg';
import { createTables, openDatabase } from '../../src/database.ts';
import { FATES, fateBy, fateTriggers } from './fates.ts';

const CLIENTS = 8;
/** Longer than any answer takes. */
const PATIENCE_MS = 10_000;

/** The shop and its worker as processes, on a Postgres of their own, with visitors who order all the time. */
export class Harness {
  readonly postgres: TestPostgres;
  readonly inspector: Inspector;
  /** How many requests ended in which way, by what was ordered. */
  readonly endings: Record<string, Record<string, number>> = {};
  /** Processes that ended by themselves, and what they said. */
  readonly crashes: string[] = [];
  /** The ids of orders that a visitor knows of. */
  readonly answered: string[] = [];
  readonly #random: () => number;
  readonly #load = new AbortController();
  readonly #env: NodeJS.ProcessEnv;
  #waiting: { readonly count: number; readonly resolve: () => void } | undefined;
  #shop: ChildProcess | undefined;
  #worker: ChildProcess | undefined;
  #url: string | undefined;
  #visitors: readonly Promise<void>[] = [];

  private constructor(postgres: TestPostgres, inspector: Inspector, random: () => number) {
    this.postgres = postgres;
    this.inspector = inspector;
    this.#random = random;
    this.#env = {
      ...process.env,
      DATABASE_URL: postgres.url,
      PORT: '0',
      VERO_AUTH_TOKEN: 'tok_secret_of_the_outbox_shop',
      VERO_BASE_URL: inspector.url,
      // What Postgres gave to the worker just as it was restarted comes back then.
      TAKE_OVER_AFTER_SECONDS: '20',
    };
  }

  static async open(random: () => number): Promise<Harness> {
    const postgres = await startPostgres({ own: true });
    const inspector = await startInspector({ port: 0, maxEvents: 100_000 });
    const harness = new Harness(postgres, inspector, random);
    await harness.#prepare();
    harness.#worker = harness.#start('worker.ts').process;
    await harness.startShop();
    harness.#visitors = Array.from({ length: CLIENTS }, () => harness.#visit());
    return harness;
  }

  async startShop(): Promise<void> {
    const { process, said } = this.#start('shop.ts');
    this.#shop = process;
    const [, url] = await said(/^The shop is at (\S+)$/);
    this.#url = url;
  }

  /** Ends the shop as the kernel does when memory is short, and starts it again. */
  async killShop(): Promise<void> {
    this.#url = undefined;
    await end(this.#shop, 'SIGKILL');
    await this.startShop();
  }

  /** Ends one connection of the shop that is in a transaction. @returns whether there was one */
  async terminateTransaction(): Promise<boolean> {
    const [row] = await this.query<{ pid: number }>(
      `SELECT pg_terminate_backend(pid), pid FROM pg_stat_activity
       WHERE xact_start IS NOT NULL AND pid <> pg_backend_pid() AND backend_type = 'client backend'
         AND query ~ '(orders|products|job)'
       ORDER BY random() LIMIT 1`,
    );
    return row !== undefined;
  }

  /** Resolves after so many more requests have ended, however they did. */
  async requests(count: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#waiting = { count: this.#ended + count, resolve };
    });
  }

  /** Orders without their event, and events without their order, as of one moment. */
  async halves(): Promise<readonly unknown[]> {
    return await this.query(
      `SELECT orders.id AS order, event.order_id AS event FROM orders FULL JOIN (
         SELECT (data->>'body')::json->'data'->>'order_id' AS order_id FROM verotrack.job WHERE name = 'verotrack.default'
       ) AS event ON event.order_id = orders.id::text
       WHERE orders.id IS NULL OR event.order_id IS NULL`,
    );
  }

  async orders(): Promise<Set<string>> {
    const rows = await this.query<{ id: string }>('SELECT id FROM orders');
    return new Set(rows.map(({ id }) => id));
  }

  /** What waits for Vero, or was given up. */
  async waiting(): Promise<number> {
    const [row] = await this.query<{ count: number }>(
      `SELECT COUNT(*)::int AS count FROM verotrack.job WHERE state < 'completed'`,
    );
    return row?.count ?? 0;
  }

  delivered(): string[] {
    return this.inspector.events().map(({ data }) => String(data?.order_id));
  }

  async endLoad(): Promise<void> {
    this.#load.abort();
    await Promise.all(this.#visitors);
  }

  async close(): Promise<void> {
    await this.endLoad();
    await end(this.#shop, 'SIGTERM');
    await end(this.#worker, 'SIGTERM');
    await this.inspector.close();
    await this.postgres.stop();
  }

  async query<Row>(text: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.postgres.url });
    await client.connect();
    try {
      const { rows } = await client.query(text);
      return rows;
    } finally {
      await client.end();
    }
  }

  async #prepare(): Promise<void> {
    const db = openDatabase(this.postgres.url);
    await createTables(db);
    const products = Object.entries(FATES).map(([id, { stock }]) => ({ id, name: id, price: 1, stock }));
    await db.insertInto('products').values(products).execute();
    await db.destroy();
    await this.query(fateTriggers);
  }

  get #ended(): number {
    return Object.values(this.endings).reduce(
      (sum, ways) => Object.values(ways).reduce((total, count) => total + count, sum),
      0,
    );
  }

  /** One visitor, who orders one thing after the other as long as there is somebody to ask. */
  async #visit(): Promise<void> {
    while (!this.#load.signal.aborted) {
      const url = this.#url;
      const product = fateBy(this.#random);
      if (url !== undefined) this.#count(product, await this.#order(url, product));
      else await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async #order(url: string, productId: string): Promise<string> {
    try {
      const response = await fetch(`${url}/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-user': String(Math.floor(this.#random() * 100)) },
        body: JSON.stringify({ productId }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const answer = (await response.json()) as { id?: string };
      if (answer.id !== undefined) this.answered.push(answer.id);
      return String(response.status);
    } catch {
      // The shop was killed: nobody was told whether there is an order.
      return 'no answer';
    }
  }

  #count(product: string, ending: string): void {
    this.endings[product] ??= {};
    const ways = this.endings[product];
    ways[ending] = (ways[ending] ?? 0) + 1;
    if (this.#waiting && this.#ended >= this.#waiting.count) this.#waiting.resolve();
  }

  #start(file: string): { process: ChildProcess; said(line: RegExp): Promise<RegExpExecArray> } {
    const path = join(import.meta.dirname, '../../src', file);
    const child = spawn(process.execPath, [path], { env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
    let complaints = '';
    child.stderr.on('data', (chunk) => {
      complaints += chunk;
    });
    child.once('exit', (code) => {
      if (code) this.crashes.push(`${file} ended with ${code}: ${complaints}`);
    });
    const lines = createInterface({ input: child.stdout });
    const said = (wanted: RegExp) =>
      new Promise<RegExpExecArray>((resolve, reject) => {
        lines.on('line', (line) => {
          const match = wanted.exec(line);
          if (match) resolve(match);
        });
        lines.once('close', () => reject(new Error(`${file} ended before it said ${wanted}`)));
      });
    return { process: child, said };
  }
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}
