import assert from 'node:assert/strict';
import type { DeadLetter, EventQueue, QueueCounts, QueueRecord } from '../queue/contract.ts';

/** The options of `queueContract`. */
export interface QueueContractOptions {
  /** Makes an empty queue. */
  readonly makeQueue: () => EventQueue | Promise<EventQueue>;
  /**
   * Makes another queue over the same store, as another process would. Only for queues that are shared.
   * @default the cases of shared queues are left out
   */
  readonly openAgain?: ((queue: EventQueue) => EventQueue | Promise<EventQueue>) | undefined;
  /**
   * Lets so many milliseconds pass, as the queue's clock has it.
   * @default puts `Date.now` forward for the rest of the case
   */
  readonly passTime?: ((ms: number) => void | Promise<void>) | undefined;
}

/** A record as the engine makes it. */
export function contractRecord(id: string, more: Partial<QueueRecord> = {}): QueueRecord {
  const body = `{"event_name":"n","identity":{"id":"1"},"data":{"of":"${id}"}}`;
  const acceptedAt = 1_700_000_000_000;
  return {
    v: 1,
    id,
    kind: 'track',
    project: 'default',
    name: 'n',
    acceptedAt,
    attempts: 0,
    notBefore: 0,
    body,
    ...more,
  };
}

export const LEASE_MS = 60_000;

/** A queue under test, with what the cases ask of it. */
export class Subject {
  readonly queue: EventQueue;
  readonly #options: QueueContractOptions;
  readonly #opened: EventQueue[] = [];
  #ahead = 0;
  readonly #now: () => number = Date.now;

  constructor(queue: EventQueue, options: QueueContractOptions) {
    this.queue = queue;
    this.#options = options;
  }

  async put(...records: readonly QueueRecord[]): Promise<void> {
    assert.deepEqual(idsOf(await this.queue.put(records)), [], 'nothing is dropped');
  }

  /** One after the other, so that it is known which is older: of those that came at the same time it need not be. */
  async putEach(...records: readonly QueueRecord[]): Promise<void> {
    for (const record of records) {
      await this.put(record);
      await this.passTime(1);
    }
  }

  async take(n = 100, leaseMs: number = LEASE_MS, project = 'default'): Promise<readonly QueueRecord[]> {
    return plain(await this.queue.take(n, leaseMs, project));
  }

  async takeIds(n?: number, leaseMs?: number, project?: string): Promise<string[]> {
    return idsOf(await this.take(n, leaseMs, project));
  }

  /** A queue may count more than every queue does. */
  async counted(): Promise<QueueCounts> {
    const { waiting, taken, deadLetters } = await this.queue.counts();
    return { waiting, taken, deadLetters };
  }

  async letters(): Promise<readonly DeadLetter[]> {
    return plain(await this.queue.deadLetters.list());
  }

  async passTime(ms: number): Promise<void> {
    if (this.#options.passTime) return await this.#options.passTime(ms);
    this.#ahead += ms;
    Date.now = () => this.#now() + this.#ahead;
  }

  async openAgain(): Promise<Subject> {
    assert.ok(this.#options.openAgain);
    const again = await this.#options.openAgain(this.queue);
    this.#opened.push(again);
    return new Subject(again, this.#options);
  }

  async close(): Promise<void> {
    Date.now = this.#now;
    for (const queue of this.#opened) await queue.close();
    await this.queue.close();
  }
}

/** Its name, and what it asks. */
export type Case = readonly [name: string, test: (subject: Subject) => Promise<void>];

export const idsOf = (records: readonly QueueRecord[]): string[] => records.map(({ id }) => id);

/** A database's rows have no prototype. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
