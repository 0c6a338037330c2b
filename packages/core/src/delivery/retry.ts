/** How failed attempts are made again. */
export interface RetryOptions {
  /**
   * Upper bound of the first delay, in milliseconds; it doubles with each attempt.
   * @default 500; 100 with the preset `serverless`
   */
  readonly baseMs?: number | undefined;
  /**
   * Longest delay, and the longest `Retry-After` that is obeyed, in milliseconds.
   * @default 300_000; 1_000 with the preset `serverless`
   */
  readonly maxMs?: number | undefined;
  /**
   * An event whose attempt fails when it is older than this is given up, in milliseconds.
   * @default 86_400_000 (24 hours); 10_000 with the preset `serverless`
   */
  readonly maxAgeMs?: number | undefined;
  /** Attempts after which an event is given up. @default Infinity; 4 with the preset `serverless` */
  readonly maxAttempts?: number | undefined;
}

/** Exponential backoff with full jitter, so that a fleet that failed together doesn't return together. */
export function backoff(
  failures: number,
  { baseMs, maxMs }: { readonly baseMs: number; readonly maxMs: number },
): number {
  const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(failures, 40));
  return Math.ceil(Math.random() * ceiling);
}

/**
 * How long Vero is trusted to recognise the same bytes sent again. Vero's documentation has said five minutes and
 * three; the shorter is the safe one.
 */
export const DEDUPLICATION_WINDOW_MS: number = 3 * 60_000;

/** Half a minute before the window ends, so that the attempt itself falls inside it. */
const SAFE_WINDOW_MS = DEDUPLICATION_WINDOW_MS - 30_000;

/** After an attempt whose fate is unknown, the next is made while Vero still recognises it. */
export function withinDeduplicationWindow(delayMs: number, ambiguousSince: number, now: number): number {
  const windowEnds = ambiguousSince + SAFE_WINDOW_MS;
  return windowEnds > now ? Math.min(delayMs, windowEnds - now) : delayMs;
}
