/**
 * The async context in which it was made, to be entered once, later. `AsyncLocalStorage.snapshot` can be entered often, and costs
 * ten times as much: a promise keeps the context in which `then` was called, too.
 */
export class KeptContext {
  #enter: (work: () => unknown) => void = () => undefined;
  readonly #result: Promise<unknown>;

  constructor() {
    this.#result = new Promise<() => unknown>((resolve) => {
      this.#enter = resolve;
    }).then((work) => work());
  }

  /** Runs `work` in it. Only the first call does. */
  enter<T>(work: () => T | Promise<T>): Promise<T> {
    this.#enter(work);
    return this.#result as Promise<T>;
  }
}
