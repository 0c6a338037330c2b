interface Waiter {
  readonly isOver: () => boolean;
  readonly resolve: (isOver: boolean) => void;
}

/** Lets callers wait for a state instead of polling for it. */
export class Waiting {
  readonly #waiters = new Set<Waiter>();

  /** Something changed that somebody may wait for. */
  changed(): void {
    for (const waiter of [...this.#waiters]) if (waiter.isOver()) waiter.resolve(true);
  }

  /** Whether the state was reached in time. Holds the process open meanwhile. */
  until(isOver: () => boolean, timeoutMs: number): Promise<boolean> {
    if (isOver()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const end = (over: boolean): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve(over);
      };
      const waiter: Waiter = { isOver, resolve: end };
      const timer = setTimeout(() => end(isOver()), timeoutMs);
      this.#waiters.add(waiter);
    });
  }
}
