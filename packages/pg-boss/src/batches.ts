interface Waiting<Item> {
  readonly item: Item;
  readonly resolve: () => void;
  readonly reject: (thrown: unknown) => void;
}

/** Collects what is to be sent, and sends together what came while the last batch gathered or was under way. */
export class Batches<Item> {
  readonly #send: (items: readonly Item[]) => Promise<void>;
  readonly #mayBeSplit: (thrown: unknown) => boolean;
  readonly #gatherMs: number;
  readonly #most: number;
  readonly #waiting: Waiting<Item>[] = [];
  #sending: Promise<void> | undefined;

  /**
   * @param most - items of a batch
   * @param mayBeSplit - whether one item of a batch that failed may be what is wrong
   * @param gatherMs - how long the first item of a batch waits for others
   */
  constructor(
    most: number,
    send: (items: readonly Item[]) => Promise<void>,
    mayBeSplit: (thrown: unknown) => boolean,
    gatherMs = 0,
  ) {
    this.#most = most;
    this.#send = send;
    this.#mayBeSplit = mayBeSplit;
    this.#gatherMs = gatherMs;
  }

  /** Resolves when it was sent. */
  add(item: Item): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#sending ??= this.#sendAll();
    });
  }

  /** Gives up what has not begun, and waits for the batch under way. */
  async close(reason: Error): Promise<void> {
    for (const { reject } of this.#waiting.splice(0)) reject(reason);
    await this.#sending;
  }

  async #sendAll(): Promise<void> {
    do {
      await this.#gather();
      await this.#sendBatch(this.#waiting.splice(0, this.#most));
    } while (this.#waiting.length > 0);
    this.#sending = undefined;
  }

  #gather(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#gatherMs > 0) setTimeout(resolve, this.#gatherMs);
      // Whatever comes in the same turn goes together.
      else setImmediate(resolve);
    });
  }

  async #sendBatch(batch: readonly Waiting<Item>[]): Promise<void> {
    try {
      await this.#send(batch.map(({ item }) => item));
      for (const { resolve } of batch) resolve();
    } catch (thrown) {
      if (batch.length > 1 && this.#mayBeSplit(thrown))
        for (const each of batch) await this.#sendBatch([each]);
      else for (const { reject } of batch) reject(thrown);
    }
  }
}
