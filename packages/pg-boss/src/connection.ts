import { messageOf, VeroError } from '@verotrack/core/queue';
import type { Boss, SqlDatabase } from './boss.ts';
import { FleetState, fleetTableSql } from './fleet-state.ts';
import { QueueNames } from './names.ts';
import type { QueueSettings } from './options.ts';
import { explainSchemaError } from './schema-errors.ts';
import { isAboutData, isLostConnection } from './sql-errors.ts';

/** What an engine with the default timeout asks for: a take that lends for as long as this costs nothing more. */
const LEASE_SECONDS = 80;
/** What waits is not to vanish, for as long as it may take. */
const TEN_YEARS_SECONDS = 10 * 365 * 24 * 3600;
/** The engine decides how often something is tried; not pg-boss. */
const ENDLESS_RETRIES = 1_000_000_000;
const FIRST_PAUSE_MS = 100;
/** Shorter than any turn between two supervisions, see `Maintenance`: what was delivered is settled before. */
const LONGEST_PAUSE_MS = 2_000;

/** So that it holds no process that has nothing else to do. */
const CLOCK = {
  now: () => Date.now(),
  setTimeout: (work: () => void, ms: number) => setTimeout(work, ms).unref(),
  clearTimeout: (timer: unknown) => clearTimeout(timer as NodeJS.Timeout),
  setInterval: (work: () => void, ms: number) => setInterval(work, ms).unref(),
  clearInterval: (timer: unknown) => clearInterval(timer as NodeJS.Timeout),
};

/** pg-boss, started when it is first needed, and whatever outlives a Postgres that is away for a while. */
export class Connection {
  readonly names: QueueNames;
  readonly fleet: FleetState;
  readonly #settings: QueueSettings;
  readonly #tell: (message: string, cause?: unknown) => void;
  readonly #closing = new AbortController();
  readonly #queues = new Map<string, Promise<void>>();
  #started: Promise<Boss> | undefined;
  #own: { stop(options: object): Promise<void> } | undefined;
  #isAway = false;

  constructor(settings: QueueSettings, tell: (message: string, cause?: unknown) => void) {
    this.#settings = settings;
    this.#tell = tell;
    this.names = new QueueNames(settings.queue);
    this.fleet = new FleetState(settings.schema, async () => (await this.boss()).getDb());
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** pg-boss, once it runs. Rejects when it can't be started just now; the next call tries again. */
  boss(): Promise<Boss> {
    this.#started ??= this.#start().catch((thrown: unknown) => {
      this.#started = undefined;
      throw thrown;
    });
    return this.#started;
  }

  /** pg-boss, with the queues of a project in it. */
  async bossFor(project: string): Promise<Boss> {
    const boss = await this.boss();
    let made = this.#queues.get(project);
    if (!made) {
      made = this.#makeQueues(boss, project).catch(async (thrown: unknown) => {
        throw await explainSchemaError(thrown, this.#settings, async () => null);
      });
      this.#queues.set(project, made);
      made.catch(() => this.#queues.delete(project));
    }
    await made;
    return boss;
  }

  /** Forgets which queues there are: somebody has removed one. */
  forgetQueues(): void {
    this.#queues.clear();
  }

  async query<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    if (this.isClosed) throw closed();
    const { rows } = await (await this.boss()).getDb().executeSql(text, values);
    return rows as Row[];
  }

  /** All of it or nothing. */
  async transaction<T>(boss: Boss, work: (db: SqlDatabase) => Promise<T>): Promise<T> {
    const begin = boss.getDb().beginTransaction;
    if (!begin) {
      throw new VeroError(
        'VERO_CONFIG',
        'pgBossQueue: option "boss" must be a PgBoss with a pool of its own: its database offers no transactions',
      );
    }
    const transaction = await begin.call(boss.getDb());
    try {
      const result = await work(transaction.db);
      await transaction.commit();
      return result;
    } catch (thrown) {
      await transaction.rollback();
      throw thrown;
    }
  }

  /** Tries until it succeeds, Postgres refuses what it was given, or this is closed. Tells once that Postgres is away. */
  async persistently<T>(work: () => Promise<T>): Promise<T> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        const result = await work();
        this.#isAway = false;
        return result;
      } catch (thrown) {
        if (this.isClosed || isAboutData(thrown)) throw thrown;
        this.forgetQueues();
        if (!this.#isAway)
          this.#tell(`Postgres can't be used, and is tried again: ${messageOf(thrown)}`, thrown);
        this.#isAway = true;
        await this.#pause(pauseMs);
        if (this.isClosed) throw thrown;
      }
    }
  }

  /** Nothing is tried again from now on. */
  stopTrying(): void {
    this.#closing.abort();
  }

  async close(): Promise<void> {
    this.stopTrying();
    await this.#started?.catch(() => undefined);
    await this.#own?.stop({ graceful: false, close: true });
  }

  async #start(): Promise<Boss> {
    const { boss, connectionString, schema, migrate, connections, takeOverAfterSeconds } = this.#settings;
    if (this.isClosed) throw closed();
    if (boss) {
      if (migrate) await this.#makeFleetTable(boss);
      return boss;
    }
    const { PgBoss } = await import('pg-boss');
    const own = new PgBoss({
      connectionString: connectionString as string,
      schema,
      migrate,
      createSchema: migrate,
      max: connections,
      clock: CLOCK,
      instanceName: 'verotrack',
      // Workers ask for it themselves, see `Maintenance`.
      supervise: false,
      schedule: false,
      monitorIntervalSeconds: Math.ceil(takeOverAfterSeconds / 4),
      // Events have no flows.
      flowIntervalSeconds: 3_600,
      // For `pg`: an idle connection holds no process, and one whose peer has vanished is soon found out.
      ...{ allowExitOnIdle: true, keepAlive: true, keepAliveInitialDelayMillis: 10_000 },
    });
    own.on('error', (error) => {
      // A pool of `pg` hangs its client on it, which knows the password.
      Reflect.deleteProperty(error, 'client');
      this.tellProblem(error);
    });
    own.on('warning', ({ message }) => this.#tell(`pg-boss: ${message}`));
    this.#own = own;
    try {
      await own.start();
      if (migrate) await this.#makeFleetTable(own);
      return own;
    } catch (thrown) {
      const explained = await explainSchemaError(thrown, this.#settings, () => own.schemaVersion());
      // The next try has a pool of its own.
      await own.stop({ graceful: false, close: true });
      throw explained;
    }
  }

  /**
   * Tells what fails beside the calls; these say so themselves. A connection that was lost while nobody used it is no
   * problem: the next call opens another, or says that it can't.
   */
  tellProblem(thrown: unknown): void {
    if (this.#isAway || this.isClosed || isLostConnection(thrown)) return;
    this.#tell(`pg-boss: ${messageOf(thrown)}`, thrown);
  }

  async #makeFleetTable(boss: Boss): Promise<void> {
    const { schema } = this.#settings;
    await this.transaction(boss, async (db) => {
      // Two processes that start at the same time would make it twice.
      await db.executeSql("SELECT pg_advisory_xact_lock(hashtext('verotrack'))");
      await db.executeSql(fleetTableSql(schema));
    });
  }

  async #makeQueues(boss: Boss, project: string): Promise<void> {
    const { takeOverAfterSeconds, deadLetterDays, partition } = this.#settings;
    const events = this.names.events(project);
    const dead = this.names.dead(project);
    await boss.createQueue(dead, {
      retentionSeconds: deadLetterDays * 24 * 3600,
      retryLimit: ENDLESS_RETRIES,
    });
    await boss.createQueue(events, {
      deadLetter: dead,
      partition,
      retryLimit: ENDLESS_RETRIES,
      retryDelay: 0,
      expireInSeconds: LEASE_SECONDS,
      heartbeatSeconds: Math.ceil(takeOverAfterSeconds / 2),
      retentionSeconds: TEN_YEARS_SECONDS,
      // Never by pg-boss: see `forgetDelivered`.
      deleteAfterSeconds: 0,
      warningQueueSize: 1_000_000,
    });
    await this.fleet.begin(events);
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#closing;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms).unref();
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });
  }
}

function closed(): VeroError {
  return new VeroError('VERO_QUEUE', 'The queue is closed');
}
