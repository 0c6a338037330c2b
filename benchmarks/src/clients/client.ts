import type { CartEvent } from '../event.ts';

export interface ClientOptions {
  /** Where Vero, or whoever takes the events, is. */
  readonly url: string;
  /** Requests under way at once, where that can be said. */
  readonly concurrency: number;
  /** How many events may wait, where that can be said. */
  readonly capacity: number;
}

/** One way to send an event, ours or another. */
export interface Client<Call = unknown> {
  /** What its call takes. Made before anything is measured. */
  shape(event: CartEvent): Call;
  /** The call. Where it sends the event itself, a promise of the answer. */
  capture(call: Call): unknown;
  /** Resolves when all that was captured has arrived, and rejects when something was lost. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/**
 * How events leave: from a queue, one a request; by the call itself, one a request; from a queue, many a request.
 */
export type Sending = 'queue' | 'call' | 'batches';

export interface ClientKind {
  readonly title: string;
  readonly isOurs: boolean;
  readonly sends: Sending;
  /**
   * Most calls in one go before what they left is sent.
   * @default 1_000
   */
  readonly burst?: number;
  make(options: ClientOptions): Promise<Client>;
}

/** Of a client whose call sends the event itself. */
export const NOTHING_WAITS: Pick<Client, 'flush'> = { flush: () => Promise.resolve() };
