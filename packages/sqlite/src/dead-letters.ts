import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  checkReplayOptions,
  type DeadLetter,
  type DeadLetters,
  type QueueRecord,
  type ReplayOptions,
  replayedRecords,
} from '@verotrack/core/queue';

interface Row {
  readonly seq: number;
  readonly at: number;
  readonly reason: string;
  readonly record: string;
}

/**
 * Puts records back into the queue, each with what removes its letter, and says whether it was still there: both or
 * neither. Says how many had room.
 */
export type PutBack = (
  records: Iterable<{ record: QueueRecord; remove: () => boolean }>,
) => number | Promise<number>;

/** The dead letters of a file. */
export class DeadLetterTable implements DeadLetters {
  readonly #capacity: number;
  readonly #putBack: PutBack;
  readonly #add: StatementSync;
  readonly #trim: StatementSync;
  readonly #all: StatementSync;
  readonly #count: StatementSync;
  readonly #remove: StatementSync;

  constructor(database: DatabaseSync, capacity: number, putBack: PutBack) {
    this.#capacity = capacity;
    this.#putBack = putBack;
    this.#add = database.prepare('INSERT INTO dead_letters (id, at, reason, record) VALUES (?, ?, ?, ?)');
    this.#trim = database.prepare(
      'DELETE FROM dead_letters WHERE seq <= (SELECT MAX(seq) FROM dead_letters) - ?',
    );
    this.#all = database.prepare('SELECT seq, at, reason, record FROM dead_letters ORDER BY seq');
    this.#count = database.prepare('SELECT COUNT(*) AS count FROM dead_letters');
    this.#remove = database.prepare('DELETE FROM dead_letters WHERE seq = ?');
  }

  /** How many there are. */
  get size(): number {
    return (this.#count.get() as { count: number }).count;
  }

  /** Buries a record; the oldest letter goes when there are too many. */
  add(record: QueueRecord, reason: string): void {
    this.#add.run(record.id, Date.now(), reason, JSON.stringify(record));
    this.#trim.run(this.#capacity);
  }

  /** Every dead letter, oldest first. */
  list(): readonly DeadLetter[] {
    return [...this.#letters()].map(({ letter }) => letter);
  }

  export(): string {
    return this.list()
      .map((letter) => `${JSON.stringify(letter)}\n`)
      .join('');
  }

  async replay(options: ReplayOptions = {}): Promise<{ replayed: number }> {
    checkReplayOptions(options);
    const chosen = this.#chosen(options);
    return { replayed: options.dryRun ? chosen.length : await this.#putBack(chosen) };
  }

  /** Asks the caller's functions before anything is moved. */
  #chosen(options: ReplayOptions): { record: QueueRecord; remove: () => boolean }[] {
    const replayed = replayedRecords(options);
    const chosen: { record: QueueRecord; remove: () => boolean }[] = [];
    for (const { seq, letter } of this.#letters()) {
      const record = replayed(letter);
      if (record) chosen.push({ record, remove: () => Number(this.#remove.run(seq).changes) > 0 });
    }
    return chosen;
  }

  #letters(): { seq: number; letter: DeadLetter }[] {
    return (this.#all.all() as unknown as Row[]).map(({ seq, at, reason, record }) => ({
      seq,
      letter: { record: JSON.parse(record) as QueueRecord, reason, at },
    }));
  }
}
