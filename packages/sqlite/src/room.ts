import type { Statements } from './statements.ts';

/** Room beyond this is looked for only when it is needed. */
const MOST_UNSEEN = 512;

/** How much more the queue may hold. */
export class Room {
  readonly #limits: { readonly capacity: number; readonly maxBytes: number };
  readonly #sql: Statements;
  #credit = { events: 0, bytes: 0 };

  constructor(limits: { readonly capacity: number; readonly maxBytes: number }, sql: Statements) {
    this.#limits = limits;
    this.#sql = sql;
  }

  /** Whether there is room for one more event of this size, which then has it. */
  takes(size: number): boolean {
    if (this.#credit.events <= 0 || this.#credit.bytes < size) this.#credit = this.#look();
    if (this.#credit.events <= 0 || this.#credit.bytes < 0) return false;
    this.#credit.events--;
    this.#credit.bytes -= size;
    return true;
  }

  /** For how much more there is room, without looking again: a part of it, as others may write, too. */
  #look(): { events: number; bytes: number } {
    const { capacity, maxBytes } = this.#limits;
    // At most as many as there are numbers from the oldest to the newest: so the dear count is seldom needed.
    const { span } = this.#sql.span.get() as { span: number | null };
    let free = capacity - (span ?? 0);
    if (free <= 0) free = capacity - (this.#sql.count.get() as { count: number }).count;
    const { bytes } = this.#sql.bytes.get() as { bytes: number };
    return { events: Math.ceil(Math.min(free, MOST_UNSEEN) / 8), bytes: Math.floor((maxBytes - bytes) / 8) };
  }
}
