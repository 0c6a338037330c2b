import type { Connection } from './connection.ts';
import { forgetDelivered } from './forget-delivered.ts';
import type { QueueSettings } from './options.ts';
import { isLostConnection } from './sql-errors.ts';
import type { TakenJobs } from './taken.ts';

/** What a worker does beside its work: it lets the database hear of it, and looks after the queues. */
export class Maintenance {
  readonly #settings: QueueSettings;
  readonly #connection: Connection;
  readonly #taken: TakenJobs;
  readonly #projects: ReadonlySet<string>;
  #timers: NodeJS.Timeout[] = [];
  #isLookingAfter = false;
  /** Whether Postgres could not be asked to look after the queues. */
  #wasAway = false;
  #isBeating = false;

  constructor(
    settings: QueueSettings,
    connection: Connection,
    taken: TakenJobs,
    projects: ReadonlySet<string>,
  ) {
    this.#settings = settings;
    this.#connection = connection;
    this.#taken = taken;
    this.#projects = projects;
  }

  /** From the first time that something is taken. */
  start(): void {
    if (this.#timers.length > 0 || this.#connection.isClosed) return;
    const { takeOverAfterSeconds } = this.#settings;
    const every = (part: number, work: () => Promise<void>): void => {
      this.#timers.push(setInterval(() => void work(), (takeOverAfterSeconds * 1_000) / part).unref());
    };
    every(12, () => this.#beat());
    every(6, () => this.#lookAfter());
  }

  stop(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
  }

  async #beat(): Promise<void> {
    if (this.#isBeating) return;
    this.#isBeating = true;
    try {
      for (const [project, jobs] of this.#taken.silent()) {
        const boss = await this.#connection.bossFor(project);
        const attempts = jobs.map(({ id, retryCount }) => ({ id, retryCount }));
        await boss.touch(this.#connection.names.events(project), attempts);
        for (const job of jobs) job.heardAt = Date.now();
      }
    } catch {
      // Whoever takes or settles something meets the same, and tells it.
    } finally {
      this.#isBeating = false;
    }
  }

  async #lookAfter(): Promise<void> {
    if (this.#isLookingAfter) return;
    this.#isLookingAfter = true;
    try {
      // After an outage nobody has been heard of: all of them have a turn to beat, and to settle what they could not,
      // before they are taken for dead.
      if (this.#wasAway) await this.#connection.query('SELECT 1');
      else await this.#supervise();
      this.#wasAway = false;
    } catch (thrown) {
      this.#wasAway = isLostConnection(thrown);
      // A role that lacks a grant for it would do everything else.
      this.#connection.tellProblem(thrown);
    } finally {
      this.#isLookingAfter = false;
    }
  }

  async #supervise(): Promise<void> {
    const { boss, schema } = this.#settings;
    // The application's own pg-boss has its own supervision.
    if (!boss) await (await this.#connection.boss()).supervise();
    for (const project of this.#projects) await forgetDelivered(this.#connection, schema, project);
  }
}
