import type { QueueRecord } from './contract.ts';

/** A binary heap of records by `notBefore`. */
export class DueHeap {
  #heap: QueueRecord[] = [];

  add(record: QueueRecord): void {
    const heap = this.#heap;
    let index = heap.push(record) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (due(heap, parent) <= due(heap, index)) return;
      swap(heap, parent, index);
      index = parent;
    }
  }

  takeDue(now: number): QueueRecord | undefined {
    const first = this.#heap[0];
    if (!first || first.notBefore > now) return undefined;
    const last = this.#heap.pop();
    if (last && last !== first) {
      this.#heap[0] = last;
      this.#sink();
    }
    return first;
  }

  /** The top is nearly always of the project: few queues serve several. */
  nextDueAt(project: string): number | undefined {
    const [top] = this.#heap;
    if (!top || top.project === project) return top?.notBefore;
    const dues = this.#heap.filter((record) => record.project === project).map(({ notBefore }) => notBefore);
    return dues.length > 0 ? Math.min(...dues) : undefined;
  }

  /** Rare (a full queue drops an event that waits for its retry), so it may be slow. */
  remove(record: QueueRecord): void {
    const rest = this.#heap.filter((other) => other !== record);
    this.#heap = [];
    for (const other of rest) this.add(other);
  }

  clear(): void {
    this.#heap = [];
  }

  #sink(): void {
    const heap = this.#heap;
    let index = 0;
    for (;;) {
      let least = index;
      for (const child of [2 * index + 1, 2 * index + 2]) {
        if (child < heap.length && due(heap, child) < due(heap, least)) least = child;
      }
      if (least === index) return;
      swap(heap, least, index);
      index = least;
    }
  }
}

const due = (heap: readonly QueueRecord[], index: number): number =>
  heap[index]?.notBefore ?? Number.POSITIVE_INFINITY;

function swap(heap: QueueRecord[], a: number, b: number): void {
  const [atA, atB] = [heap[a], heap[b]];
  if (!atA || !atB) return;
  heap[a] = atB;
  heap[b] = atA;
}
