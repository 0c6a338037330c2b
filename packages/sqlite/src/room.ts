import type { Statements } from './statements.ts';

/** Room beyond this is looked for only when it is needed. */
const MOST_UNSEEN = 512;
/** The dear count is made once for so many. */
const FEW = 64;
/** How long a queue that was full is taken to be so. */
const FULL_MS = 250;

/** How much more the queue may hold. */
export class Room {
  readonly #limits: { readonly capacity: number; readonly maxBytes: number };
  readonly #sql: Statements;
  /** For how much more there is room without looking again: a part of it, as others may write, too. */
  #events = 0;
  #bytes = 0;
  #fullUntil = 0;

  constructor(limits: { readonly capacity: number; readonly maxBytes: number }, sql: Statements) {
    this.#limits = limits;
    this.#sql = sql;
  }

  /** Whether there is room for one more event of this size, which then has it. */
  takes(size: number): boolean {
    if (this.#bytes < size) this.#bytes = this.#lookForBytes();
    if (this.#events <= 0) this.#events = this.#lookForEvents();
    if (this.#events <= 0 || this.#bytes < 0) return false;
    this.#events--;
    this.#bytes -= size;
    return true;
  }

  /** An event left the queue. */
  freed(): void {
    this.#events = Math.min(this.#events + 1, MOST_UNSEEN);
  }

  #lookForEvents(): number {
    const { capacity } = this.#limits;
    // At most as many as there are numbers from the oldest to the newest: so the dear count is seldom needed.
    const { span } = this.#sql.span.get() as { span: number | null };
    const free = capacity - (span ?? 0);
    if (free > 0) return Math.ceil(Math.min(free, MOST_UNSEEN) / 8);
    if (Date.now() < this.#fullUntil) return 0;
    const { count } = this.#sql.count.get() as { count: number };
    if (count >= capacity) this.#fullUntil = Date.now() + FULL_MS;
    return Math.min(capacity - count, FEW);
  }

  #lookForBytes(): number {
    const { bytes } = this.#sql.bytes.get() as { bytes: number };
    return Math.floor((this.#limits.maxBytes - bytes) / 8);
  }
}
