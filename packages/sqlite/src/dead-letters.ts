import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  checkReplayOptions,
  type DeadLetter,
  type DeadLetters,
  type QueueRecord,
  type ReplayOptions,
  replayedRecords,
} from '@verotrack/core/queue';
import { isRecord } from './rows.ts';
import { readable } from './statements.ts';

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
  readonly #tell: (problem: string) => void;
  readonly #add: StatementSync;
  readonly #trim: StatementSync;
  readonly #all: StatementSync;
  readonly #count: StatementSync;
  readonly #remove: StatementSync;

  constructor(database: DatabaseSync, capacity: number, putBack: PutBack, tell: (problem: string) => void) {
    this.#tell = tell;
    this.#capacity = capacity;
    this.#putBack = putBack;
    this.#add = database.prepare('INSERT INTO dead_letters (id, at, reason, record) VALUES (?, ?, ?, ?)');
    this.#trim = database.prepare(
      'DELETE FROM dead_letters WHERE seq <= (SELECT MAX(seq) FROM dead_letters) - ?',
    );
    this.#all = database.prepare(
      `SELECT seq, ${readable('at')}, reason, record FROM dead_letters ORDER BY seq`,
    );
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
    return this.#letters().map(({ letter }) => letter);
  }

  export(): string {
    return this.list()
      .map((letter) => `${JSON.stringify(letter)}\n`)
      .join('');
  }

  async replay(given: ReplayOptions = {}): Promise<{ replayed: number }> {
    const options = checkReplayOptions(given);
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

  /** One that can't be read stays where it is, and is told; it must not hide the others. */
  #letters(): { seq: number; letter: DeadLetter }[] {
    const letters: { seq: number; letter: DeadLetter }[] = [];
    let unreadable = 0;
    for (const { seq, at, reason, record } of this.#all.all() as unknown as Row[]) {
      const read = readRecord(record);
      if (read) letters.push({ seq, letter: { record: read, reason, at } });
      else unreadable++;
    }
    if (unreadable > 0) this.#tell(`${unreadable} dead letters in the file can't be read; they stay in it`);
    return letters;
  }
}

function readRecord(text: string): QueueRecord | undefined {
  try {
    const record: unknown = JSON.parse(text);
    return isRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}
