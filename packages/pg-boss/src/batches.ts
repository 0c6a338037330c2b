interface Waiting<Item> {
  readonly item: Item;
  readonly resolve: () => void;
  readonly reject: (thrown: unknown) => void;
}

/** Collects what is to be sent, and sends together what came while the last batch was under way. */
export class Batches<Item> {
  readonly #send: (items: readonly Item[]) => Promise<void>;
  readonly #mayBeSplit: (thrown: unknown) => boolean;
  readonly #most: number;
  readonly #waiting: Waiting<Item>[] = [];
  #sending: Promise<void> | undefined;

  /**
   * @param most - items of a batch
   * @param mayBeSplit - whether one item of a batch that failed may be what is wrong
   */
  constructor(
    most: number,
    send: (items: readonly Item[]) => Promise<void>,
    mayBeSplit: (thrown: unknown) => boolean,
  ) {
    this.#most = most;
    this.#send = send;
    this.#mayBeSplit = mayBeSplit;
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
    // Whatever comes in the same turn goes together.
    await new Promise<void>((resolve) => void setImmediate(resolve));
    while (this.#waiting.length > 0) await this.#sendBatch(this.#waiting.splice(0, this.#most));
    this.#sending = undefined;
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
