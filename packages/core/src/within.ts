/** Thrown when a callback takes too long. */
class TimeLimitError extends Error {
  constructor(limitMs: number) {
    super(`it took over ${limitMs} ms`);
  }
}

/** What `callback` gives, if it does so in time. Doesn't hold the process open. */
export async function within<T>(limitMs: number, callback: () => T | Promise<T>): Promise<T> {
  const result = callback();
  if (!isThenable(result)) return result;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeLimitError(limitMs)), limitMs).unref();
  });
  try {
    return await Promise.race([result, late]);
  } finally {
    clearTimeout(timer);
  }
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  try {
    const mayBe = (typeof value === 'object' && value !== null) || typeof value === 'function';
    return mayBe && typeof (value as { then?: unknown }).then === 'function';
  } catch {
    // A getter that throws: whoever awaits the value will see it.
    return false;
  }
}

/** A promise that nobody waits for, of a function that should give none: its rejection would kill the host. */
export function containRejection(result: unknown, failed: (thrown: unknown) => void): void {
  if (isThenable(result)) settled(result).then(() => undefined, failed);
}

/** A promise of our own: what a thenable, or a promise that was tampered with, does cannot come out of it at once. */
export function settled<T>(result: T | PromiseLike<T>): Promise<T> {
  return new Promise((resolve) => resolve(result));
}
