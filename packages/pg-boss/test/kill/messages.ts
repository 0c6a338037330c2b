/** What the processes of the fleet and whoever started them say to each other. */

/** The numbers of the orders that one batch is about: from, and up to but without. */
export interface Batch {
  readonly from: number;
  readonly to: number;
  /** By the client, or by the outbox in transactions with the orders themselves. */
  readonly by: 'client' | 'outbox';
}

export type Command = { readonly kind: 'produce'; readonly batch: Batch } | { readonly kind: 'close' };

export type Message =
  | { readonly kind: 'ready' }
  /** Each of these was said to be stored. What of the batch is missing here was rolled back, or its end is unknown. */
  | { readonly kind: 'accepted'; readonly orders: readonly number[] }
  | { readonly kind: 'problem'; readonly message: string }
  | { readonly kind: 'closed'; readonly stats: Stats };

/** The accounting of one process. */
export interface Stats {
  readonly accepted: number;
  readonly taken: number;
  readonly delivered: number;
  readonly rejected: number;
  readonly dropped: number;
  readonly handedOver: number;
  readonly pending: number;
}

export const SCHEMA = 'verotrack';
/** Attempts that a worker makes at once: no more can be in flight when it is killed. */
export const CONCURRENCY = 32;
/** The shortest that there is. */
export const TAKE_OVER_AFTER_SECONDS = 20;

export const tell = (message: Message): void => void process.send?.(message);

const orphaned = (): void => process.exit(1);

/** Nobody would end a process whose starter has ended. */
export function endWithStarter(): void {
  process.once('disconnect', orphaned);
}

/** Lets this process end by itself. */
export function leave(): void {
  process.off('disconnect', orphaned);
  process.disconnect();
}
