import type { Connection } from './connection.ts';
import type { QueueSettings } from './options.ts';
import { isLostConnection } from './sql-errors.ts';
import type { TakenJobs } from './taken.ts';

/** What a worker does beside its work: it lets the database hear of it, and asks pg-boss to look after the queues. */
export class Maintenance {
  readonly #settings: QueueSettings;
  readonly #connection: Connection;
  readonly #taken: TakenJobs;
  #timers: NodeJS.Timeout[] = [];
  #isSupervising = false;
  /** Whether Postgres could not be asked to look after the queues. */
  #wasAway = false;
  #isBeating = false;

  constructor(settings: QueueSettings, connection: Connection, taken: TakenJobs) {
    this.#settings = settings;
    this.#connection = connection;
    this.#taken = taken;
  }

  /** From the first time that something is taken. */
  start(): void {
    if (this.#timers.length > 0 || this.#connection.isClosed) return;
    const { takeOverAfterSeconds, boss } = this.#settings;
    const every = (part: number, work: () => Promise<void>): void => {
      this.#timers.push(setInterval(() => void work(), (takeOverAfterSeconds * 1_000) / part).unref());
    };
    every(12, () => this.#beat());
    // The application's own pg-boss has its own supervision.
    if (!boss) every(6, () => this.#supervise());
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

  async #supervise(): Promise<void> {
    if (this.#isSupervising) return;
    this.#isSupervising = true;
    try {
      // After an outage nobody has been heard of: all of them have a turn to beat, and to settle what they could not,
      // before they are taken for dead.
      if (this.#wasAway) await this.#connection.query('SELECT 1');
      else await (await this.#connection.boss()).supervise();
      this.#wasAway = false;
    } catch (thrown) {
      this.#wasAway = isLostConnection(thrown);
      // A role that lacks a grant for it would do everything else.
      this.#connection.tellProblem(thrown);
    } finally {
      this.#isSupervising = false;
    }
  }
}
