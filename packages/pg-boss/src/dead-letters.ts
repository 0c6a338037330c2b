import {
  checkReplayOptions,
  type DeadLetter,
  type DeadLetters,
  type QueueRecord,
  type ReplayOptions,
  replayedRecords,
  VeroError,
} from '@verotrack/core/queue';
import { affectedBy, type Boss } from './boss.ts';
import type { Connection } from './connection.ts';
import { type DeadJob, letterOf, newJob } from './job.ts';

const PAGE = 1_000;

interface StoredLetter {
  readonly jobId: string;
  readonly queue: string;
  readonly letter: DeadLetter;
}

/** The dead letters of a queue, of all its projects. */
export class PgBossDeadLetters implements DeadLetters {
  readonly #connection: Connection;
  readonly #schema: string;
  readonly #replayed: () => void;

  constructor(connection: Connection, schema: string, replayed: () => void) {
    this.#connection = connection;
    this.#schema = schema;
    this.#replayed = replayed;
  }

  async list(): Promise<readonly DeadLetter[]> {
    const letters: DeadLetter[] = [];
    for await (const { letter } of this.#letters()) letters.push(letter);
    return letters;
  }

  async export(): Promise<string> {
    return (await this.list()).map((letter) => `${JSON.stringify(letter)}\n`).join('');
  }

  async replay(given: ReplayOptions = {}): Promise<{ readonly replayed: number }> {
    const options = checkReplayOptions(given);
    const chosen = await this.#chosen(options);
    if (options.dryRun) return { replayed: chosen.length };
    let replayed = 0;
    for (const { stored, record } of chosen) if (await this.#putBack(stored, record)) replayed++;
    if (replayed > 0) this.#replayed();
    return { replayed };
  }

  /** Asks the caller's functions before anything is moved. */
  async #chosen(options: ReplayOptions): Promise<{ stored: StoredLetter; record: QueueRecord }[]> {
    const replayed = replayedRecords(options);
    const chosen: { stored: StoredLetter; record: QueueRecord }[] = [];
    for await (const stored of this.#letters()) {
      const record = replayed(stored.letter);
      if (record) chosen.push({ stored, record });
    }
    return chosen;
  }

  /** Whether it was still there, and is in the queue now: both or neither. */
  async #putBack({ jobId, queue }: StoredLetter, record: QueueRecord): Promise<boolean> {
    const boss = await this.#connection.bossFor(record.project);
    try {
      await this.#connection.transaction(boss, async (db) => {
        if (affectedBy(await boss.deleteJob(queue, [jobId], { db })) === 0) throw new NotMoved();
        const events = this.#connection.names.events(record.project);
        // An event with its id waits already, or was delivered just now.
        if (!(await boss.insert(events, [newJob(record)], { db, returnId: true }))) throw new NotMoved();
      });
      return true;
    } catch (thrown) {
      if (thrown instanceof NotMoved) return false;
      throw thrown;
    }
  }

  async *#letters(): AsyncGenerator<StoredLetter> {
    if (this.#connection.isClosed) throw new VeroError('VERO_QUEUE', 'The queue is closed');
    const boss = await this.#connection.boss();
    for (const queue of await this.#queues()) yield* lettersIn(boss, queue);
  }

  async #queues(): Promise<string[]> {
    const rows = await this.#connection.query<{ name: string }>(
      `SELECT name FROM ${this.#schema}.queue WHERE starts_with(name, $1) AND name LIKE '%.%.dead' ORDER BY name`,
      [this.#connection.names.prefix],
    );
    return rows.map(({ name }) => name);
  }
}

/** Ends a transaction in which there is nothing to do. */
class NotMoved extends Error {}

async function* lettersIn(boss: Boss, queue: string): AsyncGenerator<StoredLetter> {
  let after: string | undefined;
  for (;;) {
    const page = await boss.findJobs<DeadJob>(queue, { limit: PAGE, ...(after ? { after } : {}) });
    yield* page
      .map(({ id, data }) => ({ jobId: id, queue, letter: letterOf(data) }))
      .toSorted((a, b) => a.letter.at - b.letter.at || (a.letter.record.id < b.letter.record.id ? -1 : 1));
    if (page.length < PAGE) return;
    after = page.at(-1)?.id;
  }
}
