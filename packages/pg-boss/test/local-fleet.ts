import { createVero, kyTransport, type Vero, type VeroOptions } from '@verotrack/core';
import type { QueueCounts, VeroWorker } from '@verotrack/core/queue';
import pg from 'pg';
import {
  createVeroWorker,
  type PgBossQueue,
  type PgBossQueueOptions,
  pgBossQueue,
  type VeroWorkerOptions,
} from '../src/index.ts';
import { AnsweringVero } from './answering-vero.ts';
import { aSchema, postgresUrl } from './servers.ts';

export const authToken = 'tok_secret_of_the_fleet';
export const identity = { id: '42', email: 'jane@example.com' };

type ClientOptions = Partial<VeroOptions> & { readonly on?: PgBossQueueOptions };
type FleetWorkerOptions = Partial<VeroWorkerOptions> & { readonly on?: PgBossQueueOptions };

/** Clients and workers of this process on a schema of their own, and the Vero that their events go to. */
export class LocalFleet {
  readonly vero: AnsweringVero;
  readonly schema: string = aSchema();
  readonly url: string;
  readonly #running: { close(): unknown }[] = [];
  #database: Promise<pg.Client> | undefined;
  #counted: PgBossQueue | undefined;
  #workers = 0;

  private constructor(vero: AnsweringVero, url: string) {
    this.vero = vero;
    this.url = url;
  }

  static async open(url: string = postgresUrl()): Promise<LocalFleet> {
    return new LocalFleet(await AnsweringVero.start(), url);
  }

  queue(options: PgBossQueueOptions = {}): PgBossQueue {
    const queue = pgBossQueue({ connectionString: this.url, schema: this.schema, ...options });
    this.#running.push({ close: () => queue.close() });
    return queue;
  }

  client({ on, ...options }: ClientOptions = {}): Vero {
    const queue = options.queue ?? this.queue(on);
    const client = createVero({ authToken, baseUrl: this.vero.url, logger: () => {}, ...options, queue });
    this.#running.unshift({ close: () => client.close({ timeout: 500 }) });
    return client;
  }

  /** It says in each request what it is called: `worker-1`, `worker-2`, … */
  worker({ on, ...options }: FleetWorkerOptions = {}): VeroWorker {
    const queue = options.queue ?? this.queue(on);
    const transport = kyTransport({ ky: { headers: { 'x-worker': `worker-${++this.#workers}` } } });
    const worker = createVeroWorker({
      authToken,
      baseUrl: this.vero.url,
      logger: () => {},
      transport,
      ...options,
      queue,
    });
    this.#running.unshift({ close: () => worker.close({ timeout: 500 }) });
    return worker;
  }

  /** Stores so many events, whose data have their number. */
  async store(count: number, client: Vero = this.client()): Promise<void> {
    for (let n = 0; n < count; n++) client.track('order_placed', { identity, data: { n } });
    const { handedOver, pending, dropped } = await client.flush();
    if (handedOver < count || pending + dropped > 0) throw new Error(`only ${handedOver} were stored`);
  }

  /** What the queue holds. */
  async counts(): Promise<QueueCounts> {
    this.#counted ??= this.queue();
    return await this.#counted.counts();
  }

  async query<Row = Record<string, unknown>>(statement: string, values: unknown[] = []): Promise<Row[]> {
    const database = await (this.#database ??= this.#connect());
    return (await database.query(statement, values)).rows as Row[];
  }

  async close(): Promise<void> {
    for (const each of this.#running.splice(0)) await each.close();
    await (await this.#database)?.end();
    await this.vero.close();
  }

  async #connect(): Promise<pg.Client> {
    const database = new pg.Client({ connectionString: this.url });
    await database.connect();
    return database;
  }
}
