/** An accepted event as every queue stores it. JSON, and without the credential. */
export interface QueueRecord {
  /** Version of this shape. A record of another version waits for an engine that knows it. */
  readonly v: 1;
  /** The event's id, unique within a queue. */
  readonly id: string;
  /** What the body is for. */
  readonly kind: 'track';
  /** An engine takes only the records of its own project, so that several can share one queue. */
  readonly project: string;
  /** The event's name. */
  readonly name: string;
  /** When the event was accepted, in milliseconds since 1970. */
  readonly acceptedAt: number;
  /** Attempts made that were the event's own; those that a pause swallowed are not counted. */
  readonly attempts: number;
  /** Not to be tried before this time, in milliseconds since 1970. */
  readonly notBefore: number;
  /** The encoded payload without the credential: the same bytes for every attempt. */
  readonly body: string;
  /** W3C trace context of the work that produced the event. */
  readonly trace?: string;
}

/** An event that Vero will never take, or that grew too old. */
export interface DeadLetter {
  /** The event, as the queue had it. */
  readonly record: QueueRecord;
  /** Why, in words. Never contains the credential. */
  readonly reason: string;
  /** When it was given up, in milliseconds since 1970. */
  readonly at: number;
}

/** Which dead letters are tried again, and how. */
export interface ReplayOptions {
  /** Which dead letters. @default all */
  readonly filter?: ((letter: DeadLetter) => boolean) | undefined;
  /**
   * Mends a record before it is tried again; `null` leaves it where it is. It stays the same event: its id can't be changed,
   * and what can't be sent ends the replay with `VERO_CONFIG` before anything is moved.
   *
   * @default the record as it is
   */
  readonly map?: ((record: QueueRecord) => QueueRecord | null) | undefined;
  /** Only count. @default false */
  readonly dryRun?: boolean | undefined;
  /** Spread the replay over time: so many become due in a second. @default as fast as delivery allows */
  readonly ratePerSecond?: number | undefined;
}

/** The events that were given up and kept. */
export interface DeadLetters {
  /** Every dead letter. */
  list(): readonly DeadLetter[] | Promise<readonly DeadLetter[]>;
  /** Every dead letter as a line of JSON, to keep or to look at elsewhere. */
  export(): string | Promise<string>;
  /** Puts dead letters back into the queue, as new attempts of the same events. */
  replay(options?: ReplayOptions): { readonly replayed: number } | Promise<{ readonly replayed: number }>;
}

/** How many records a queue has. */
export interface QueueCounts {
  /** Records that wait, those now taken included. */
  readonly waiting: number;
  /** Of these, records now taken by an engine. */
  readonly taken: number;
  /** Records that were given up and kept. */
  readonly deadLetters: number;
}

type MaybePromise<T> = T | Promise<T>;

/**
 * Where accepted events wait until Vero has them. The queue stores, the engine decides. Each method may answer at
 * once or with a promise; a queue that fails throws or rejects, and the engine tries again. `queueContract` of
 * `@verotrack/core/queue-contract` has the cases that every queue must pass.
 */
export interface EventQueue {
  /** Stores records, and returns those that it had to drop for them (or of them), because it is full. */
  put(records: readonly QueueRecord[]): MaybePromise<readonly QueueRecord[]>;
  /** Up to `n` due records of the project, oldest first, which nobody else gets for `leaseMs`. */
  take(n: number, leaseMs: number, project: string): MaybePromise<readonly QueueRecord[]>;
  /** Forgets records that Vero has, or that nobody wants any more. */
  ack(ids: readonly string[]): MaybePromise<void>;
  /** Puts a taken record back, not to be taken before `notBefore`; unless its lease is over and another has it. */
  retry(id: string, notBefore: number, countsAttempt: boolean): MaybePromise<void>;
  /** Moves a record to the dead letters. */
  dead(id: string, reason: string): MaybePromise<void>;
  /** Gives nobody who shares this queue records of the project before `time`: Vero asked for silence. */
  pauseUntil(time: number, project: string): MaybePromise<void>;
  /**
   * When `take` may next give something of the project, in milliseconds since 1970: a record that is due, waits for its
   * time, or comes back from a lease. `undefined` when it has none.
   */
  nextDueAt(project: string): MaybePromise<number | undefined>;
  /** How many records it has now. */
  counts(): MaybePromise<QueueCounts>;
  /** The records that were given up and kept. */
  readonly deadLetters: DeadLetters;
  /**
   * Whether records outlive this process, and may be taken by others that share the queue. A client that is closed leaves
   * them there (`handedOver`) instead of dropping them, looks for what others left, and now and then asks for `missing`.
   * @default false
   */
  readonly isDurable?: boolean;
  /**
   * Whether others deliver what a client puts here: it takes nothing, and has handed an event over as soon as the queue
   * has it. Whoever is made to deliver (`createWorker` of `@verotrack/core/queue`) takes nevertheless. Only for queues that
   * are durable.
   * @default false
   */
  readonly handsOver?: boolean;
  /** Which of these records it no longer has: another process has ended them. */
  missing?(ids: readonly string[]): MaybePromise<readonly string[]>;
  /**
   * Calls `listener` whenever there may be something to take that no client of this process put, until the returned
   * function is called. `records`: those that only this process can deliver, so that its clients wait for them.
   */
  onAvailable?(listener: (records: readonly QueueRecord[]) => void): () => void;
  /** Calls `listener` with what goes wrong without failing a call, until the returned function is called. */
  onProblem?(listener: (error: Error) => void): () => void;
  /** Lets go of its store, once the last client that uses it is closed. */
  close(): MaybePromise<void>;
}
