import type { Arrival } from '../answering-vero.ts';
import type { Fleet } from './fleet.ts';
import type { Batch, Stats } from './messages.ts';

/** What became of the events of a whole run. */
export interface Books {
  /** Events of which somebody was told that they are stored, and those whose order was committed. */
  readonly accepted: number;
  /** Of these, how many arrived. */
  readonly delivered: number;
  readonly lost: number;
  /** Events whose producer was killed, or whose transaction was cut off, before anybody was told. */
  readonly unknown: number;
  /** Of these, how many arrived. */
  readonly unknownDelivered: number;
  /** Events that arrived without ever having been asked for, or of an order that was never committed. */
  readonly invented: number;
  /** Arrivals of an event that had arrived before. */
  readonly duplicated: number;
  /** Of these, those that are not the second attempt at what a killed worker had in flight. */
  readonly unexplained: number;
  /** The most attempts of one worker that were made again. */
  readonly mostOfOneWorker: number;
  /** Different events that arrived, less the jobs that Postgres says were completed. */
  readonly notInTheTable: number;
  readonly waiting: number;
  readonly taken: number;
  readonly deadLetters: number;
  /** Processes whose own accounting does not close, or that have something left. */
  readonly openBooks: number;
  readonly killedWorkers: number;
  readonly killedProducers: number;
  readonly restarts: number;
  readonly seconds: number;
}

/** What producers were asked for, and said. */
export class Orders {
  readonly #asked = new Map<number, Batch['by']>();
  readonly #told = new Set<number>();
  /** Told, and not arrived. */
  readonly #awaited = new Set<number>();
  readonly #arrived = new Set<number>();

  get made(): number {
    return this.#asked.size;
  }

  get told(): number {
    return this.#told.size;
  }

  get awaited(): number {
    return this.#awaited.size;
  }

  ask({ from, to, by }: Batch): void {
    for (let order = from; order < to; order++) this.#asked.set(order, by);
  }

  accepted(orders: readonly number[]): void {
    for (const order of orders) {
      this.#told.add(order);
      if (!this.#arrived.has(order)) this.#awaited.add(order);
    }
  }

  arrived(order: number): void {
    this.#arrived.add(order);
    this.#awaited.delete(order);
  }

  /** @param committed - the orders that the table has */
  count(
    committed: ReadonlySet<number>,
  ): Pick<Books, 'accepted' | 'delivered' | 'lost' | 'unknown' | 'unknownDelivered' | 'invented'> {
    // Whoever was told that a transaction was committed finds it; whoever was not finds out.
    const accepted = new Set([...this.#told, ...committed]);
    const lost = [...accepted].filter((order) => !this.#arrived.has(order)).length;
    const unknown = [...this.#asked].filter(([order, by]) => by === 'client' && !accepted.has(order));
    return {
      accepted: accepted.size,
      delivered: accepted.size - lost,
      lost,
      unknown: unknown.length,
      unknownDelivered: unknown.filter(([order]) => this.#arrived.has(order)).length,
      invented: [...this.#arrived].filter((order) => {
        const by = this.#asked.get(order);
        return by === undefined || (by === 'outbox' && !committed.has(order));
      }).length,
    };
  }
}

/**
 * A second arrival is the work of a kill if whoever made the attempt before it was killed since, and another made it
 * after that.
 */
export function duplicates(
  arrivals: readonly Arrival[],
  { killedAt }: Fleet,
): Pick<Books, 'duplicated' | 'unexplained' | 'mostOfOneWorker'> {
  let unexplained = 0;
  let duplicated = 0;
  const again = new Map<string, number>();
  for (const attempts of Map.groupBy(arrivals, ({ data }) => data.order).values()) {
    for (const [i, attempt] of attempts.entries()) {
      const before = attempts[i - 1];
      if (!before) continue;
      duplicated++;
      again.set(before.worker, (again.get(before.worker) ?? 0) + 1);
      const ended = killedAt.get(before.worker);
      if (ended === undefined || ended >= attempt.at) unexplained++;
    }
  }
  return { duplicated, unexplained, mostOfOneWorker: Math.max(0, ...again.values()) };
}

/** Whether all that a process had to do with has come to an end that was counted. */
export function isClosed(stats: Stats): boolean {
  const { accepted, taken, delivered, rejected, dropped, handedOver, pending } = stats;
  const ended = delivered + rejected + dropped + handedOver;
  return accepted + taken === ended + pending && pending + rejected + dropped === 0;
}
