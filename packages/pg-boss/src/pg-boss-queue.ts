import {
  type EventQueue,
  messageOf,
  problemOf,
  type QueueCounts,
  QueueListeners,
  type QueueRecord,
  sizeOf,
  VeroError,
} from '@verotrack/core/queue';
import { Batches } from './batches.ts';
import { affectedBy } from './boss.ts';
import { Connection } from './connection.ts';
import { PgBossDeadLetters } from './dead-letters.ts';
import { deadJob, type EventJob, eventJob, inOrder, jobIdOf, newJob, recordOf } from './job.ts';
import { JobTable } from './job-table.ts';
import { Maintenance } from './maintenance.ts';
import { type PgBossQueueOptions, type QueueSettings, queueSettings } from './options.ts';
import { Pace } from './pace.ts';
import { isAboutData } from './sql-errors.ts';
import { type TakenJob, TakenJobs } from './taken.ts';

/** A queue that a fleet shares, made by {@link pgBossQueue}. */
export interface PgBossQueue extends EventQueue {
  readonly isDurable: true;
  readonly handsOver: true;
}

// Registered, so that another copy of this package knows it.
const CONNECTION = Symbol.for('verotrack.pg-boss-connection');

/** The connection of a queue that `pgBossQueue` made, of whichever copy of this package; of another, `undefined`. */
export function connectionOf(queue: unknown): Connection | undefined {
  return (queue as { readonly [CONNECTION]?: Connection } | null | undefined)?.[CONNECTION];
}

/**
 * A queue that a fleet shares, on Postgres by pg-boss. A client that has it only stores its events; workers
 * ({@link createVeroWorker}) deliver them.
 *
 * @example
 * const vero = createVero({ queue: pgBossQueue({ connectionString: process.env.DATABASE_URL }) });
 * @throws {VeroError} `VERO_CONFIG` for a bad option
 */
export function pgBossQueue(options: PgBossQueueOptions): PgBossQueue {
  return new FleetQueue(queueSettings('pgBossQueue', options));
}

/** Events that go into Postgres together. */
const MOST_PUT = 500;
/** Events that are settled together. */
const MOST_SETTLED = 1_000;
/** What ends within this time is settled together, and so taken together: a statement costs as much as several events. */
const GATHER_SETTLED_MS = 5;

interface Settled {
  readonly id: string;
  readonly name: string;
}

class FleetQueue implements PgBossQueue {
  readonly isDurable = true;
  readonly handsOver = true;
  readonly deadLetters: PgBossDeadLetters;
  readonly #connection: Connection;
  readonly #settings: QueueSettings;
  readonly #pace: Pace;
  readonly #jobs: JobTable;
  readonly #taken = new TakenJobs();
  readonly #maintenance: Maintenance;
  readonly #puts: Batches<QueueRecord>;
  readonly #settles: Batches<Settled>;
  readonly #listeners = new QueueListeners();
  readonly #projects = new Set<string>();
  #buffered = 0;
  #bufferedBytes = 0;
  #closing: Promise<void> | undefined;

  constructor(settings: QueueSettings) {
    this.#settings = settings;
    this.#connection = new Connection(settings, (message, cause) =>
      this.#listeners.tellProblem(message, cause),
    );
    this.#jobs = new JobTable(this.#connection, settings.schema);
    this.#pace = new Pace(this.#connection.fleet, settings.ratePerSecond);
    Reflect.defineProperty(this, CONNECTION, { value: this.#connection });
    this.deadLetters = new PgBossDeadLetters(this.#connection, settings.schema, () =>
      this.#listeners.tellAvailable([]),
    );
    this.#maintenance = new Maintenance(settings, this.#connection, this.#taken, this.#projects);
    this.#puts = new Batches(MOST_PUT, (records) => this.#store(records), isAboutData);
    this.#settles = new Batches(
      MOST_SETTLED,
      (settled) => this.#complete(settled),
      isAboutData,
      GATHER_SETTLED_MS,
    );
  }

  async put(records: readonly QueueRecord[]): Promise<readonly QueueRecord[]> {
    if (this.#closing) throw new VeroError('VERO_QUEUE', 'The queue is closed');
    const dropped: QueueRecord[] = [];
    const stored: Promise<void>[] = [];
    for (const record of records) {
      this.#projects.add(record.project);
      const size = sizeOf(record);
      const { bufferCapacity, bufferMaxBytes } = this.#settings;
      if (this.#buffered >= bufferCapacity || this.#bufferedBytes + size > bufferMaxBytes) {
        dropped.push(record);
      } else stored.push(this.#buffer(record, size));
    }
    await Promise.all(stored);
    return dropped;
  }

  async take(n: number, leaseMs: number, project: string): Promise<readonly QueueRecord[]> {
    this.#projects.add(project);
    this.#maintenance.start();
    const boss = await this.#connection.bossFor(project);
    const name = this.#connection.names.events(project);
    const allowed = await this.#pace.allowed(n, name);
    if (allowed === 0) return [];
    const jobs = await boss.fetch<EventJob>(name, { batchSize: allowed });
    await this.#pace.giveBack(allowed - jobs.length, name);
    await this.#jobs.lend(jobs, name, leaseMs);
    const records: QueueRecord[] = [];
    for (const job of jobs) {
      const record = recordOf(job);
      if (this.#taken.isOfAnother(record.id, project)) {
        // An engine names events by their ids alone, so this one waits until the other has ended.
        await boss.fail(name, [{ id: job.id, retryCount: job.retryCount }]);
        continue;
      }
      this.#taken.add(job, record, project, leaseMs);
      if (await this.#mayBeSent(record)) records.push(record);
    }
    return inOrder(records);
  }

  async ack(ids: readonly string[]): Promise<void> {
    await Promise.all(
      ids.map(async (id) => {
        const taken = this.#taken.find(id);
        const projects = taken ? [taken.project] : [...this.#projects];
        await Promise.all(
          projects.map((project) =>
            this.#settles.add({ id: taken?.id ?? jobIdOf(id), name: this.#connection.names.events(project) }),
          ),
        );
        if (taken) this.#taken.remove(taken);
      }),
    );
  }

  /**
   * In one transaction: `fail` gives the job back, and `update` says when it is next due. Both are of this attempt, so
   * that neither does anything once another has the job.
   */
  async retry(id: string, notBefore: number, countsAttempt: boolean): Promise<void> {
    const taken = this.#taken.find(id);
    if (!taken) return;
    const { record, project } = taken;
    const name = this.#connection.names.events(project);
    const due = Math.ceil(notBefore);
    const attempts = record.attempts + (countsAttempt ? 1 : 0);
    // What this version can't read it does not write either.
    const data = record.v === 1 ? eventJob({ ...record, attempts, notBefore: due }) : undefined;
    await this.#connection.persistently(async () => {
      const boss = await this.#connection.bossFor(project);
      await this.#connection.transaction(boss, async (db) => {
        const given = affectedBy(await boss.fail(name, [attemptOf(taken)], null, { db }));
        if (given > 0) await boss.update(name, data, { id: taken.id, startAfter: new Date(due), db });
      });
    });
    this.#taken.remove(taken);
  }

  /** In one transaction: out of the events, into the dead letters; unless another has it, who finds out the same. */
  async dead(id: string, reason: string): Promise<void> {
    const taken = this.#taken.find(id);
    if (!taken) return;
    const { record, project } = taken;
    const { names } = this.#connection;
    await this.#connection.persistently(async () => {
      const boss = await this.#connection.bossFor(project);
      await this.#connection.transaction(boss, async (db) => {
        const removed = affectedBy(await boss.deleteJob(names.events(project), [attemptOf(taken)], { db }));
        if (removed > 0) await boss.insert(names.dead(project), [{ data: deadJob(record, reason) }], { db });
      });
    });
    this.#taken.remove(taken);
  }

  async pauseUntil(time: number, project: string): Promise<void> {
    await this.#connection.persistently(async () => {
      await this.#connection.bossFor(project);
      await this.#connection.fleet.pause(this.#connection.names.events(project), Math.ceil(time));
    });
  }

  async nextDueAt(project: string): Promise<number | undefined> {
    await this.#connection.bossFor(project);
    const due = await this.#jobs.nextDueAt(this.#connection.names.events(project));
    return due === undefined ? undefined : Math.max(due, this.#pace.nextAtRate);
  }

  async counts(): Promise<QueueCounts> {
    const { waiting, taken, deadLetters } = await this.#jobs.counts(this.#connection.names.prefix);
    return { waiting: waiting + this.#buffered, taken, deadLetters };
  }

  async missing(ids: readonly string[]): Promise<readonly string[]> {
    const names = [...this.#projects].map((project) => this.#connection.names.events(project));
    const found = await this.#jobs.unended(names, ids.map(jobIdOf));
    return ids.filter((id) => !found.has(jobIdOf(id)));
  }

  onAvailable(listener: (records: readonly QueueRecord[]) => void): () => void {
    return this.#listeners.onAvailable(listener);
  }

  onProblem(listener: (error: Error) => void): () => void {
    return this.#listeners.onProblem(listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#maintenance.stop();
    this.#connection.stopTrying();
    const closed = new VeroError('VERO_QUEUE', 'The queue was closed');
    await Promise.all([this.#puts.close(closed), this.#settles.close(closed)]);
    await this.#connection.close();
  }

  async #buffer(record: QueueRecord, size: number): Promise<void> {
    this.#buffered++;
    this.#bufferedBytes += size;
    try {
      await this.#puts.add(record);
    } finally {
      this.#buffered--;
      this.#bufferedBytes -= size;
    }
  }

  /** An event that is there already, or was a moment ago, is not stored again: its storing may not have been answered. */
  async #store(records: readonly QueueRecord[]): Promise<void> {
    for (const [project, own] of Map.groupBy(records, (record) => record.project)) {
      const jobs = new Map(own.map((record) => [jobIdOf(record.id), newJob(record)]));
      await this.#connection.persistently(async () => {
        const boss = await this.#connection.bossFor(project);
        await boss.insert(this.#connection.names.events(project), [...jobs.values()]);
      });
    }
    this.#listeners.tellAvailable([]);
  }

  async #complete(settled: readonly Settled[]): Promise<void> {
    for (const [name, own] of Map.groupBy(settled, (each) => each.name)) {
      await this.#connection.persistently(async () => {
        const boss = await this.#connection.boss();
        // Whoever has it by now: Vero has it, too.
        await boss.complete(
          name,
          own.map(({ id }) => id),
          null,
          { includeQueued: true },
        );
      });
    }
  }

  /** Validates what was read back: a table can be changed by anybody who may write to it. */
  async #mayBeSent(record: QueueRecord): Promise<boolean> {
    const problem = problemOf(record);
    if (!problem) return true;
    this.#listeners.tellProblem(`A job in the queue can't be sent, and is kept as a dead letter: ${problem}`);
    try {
      await this.dead(record.id, `damaged: ${problem}`);
    } catch (thrown) {
      // After its lease it comes again.
      this.#listeners.tellProblem(`It could not be moved to the dead letters: ${messageOf(thrown)}`, thrown);
    }
    return false;
  }
}

function attemptOf({ id, retryCount }: TakenJob): { id: string; retryCount: number } {
  return { id, retryCount };
}
