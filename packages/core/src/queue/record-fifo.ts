import type { QueueRecord } from './contract.ts';

/** Records in the order in which they came. */
export class RecordFifo {
  #records: (QueueRecord | undefined)[] = [];
  #next = 0;

  get first(): QueueRecord | undefined {
    return this.#records[this.#next];
  }

  push(record: QueueRecord): void {
    this.#records.push(record);
  }

  shift(): QueueRecord | undefined {
    const { first } = this;
    if (!first) return undefined;
    this.#records[this.#next++] = undefined;
    // Places are given back in large lots: moving the rest up costs as much as it is long.
    if (this.#next * 2 > this.#records.length && this.#next > 1_000) this.#moveUp();
    return first;
  }

  /** Quick for the first, which is what a full queue drops; slow for others. */
  remove(record: QueueRecord): boolean {
    if (record === this.first) return this.shift() !== undefined;
    const index = this.#records.indexOf(record, this.#next);
    if (index >= 0) this.#records.splice(index, 1);
    return index >= 0;
  }

  #moveUp(): void {
    this.#records = this.#records.slice(this.#next);
    this.#next = 0;
  }
}
