export interface Watch {
  /** Runs a step in the call's scope. */
  readonly run: <T>(step: () => T) => T;
  /** Aborts when the client has left; an iterable that nobody asks any more doesn't notice. */
  readonly signal: AbortSignal | undefined;
  /** Called once. `returned`: the reader left before the end. */
  readonly ended: (how: 'done' | 'failed' | 'returned') => void;
}

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** The same items, with an eye on how they end. */
export function watchIterable(
  source: AsyncIterable<unknown>,
  { run, signal, ended }: Watch,
): AsyncIterable<unknown> {
  let isOver = false;
  const end = (how: 'done' | 'failed' | 'returned'): void => {
    if (isOver) return;
    isOver = true;
    signal?.removeEventListener('abort', abort);
    ended(how);
  };
  const abort = (): void => end('returned');
  if (signal?.aborted) abort();
  else signal?.addEventListener('abort', abort, { once: true });

  const step = async (
    take: () => Promise<IteratorResult<unknown>>,
    how: 'done' | 'returned',
  ): Promise<IteratorResult<unknown>> => {
    try {
      const result = await run(take);
      if (result.done) end(how);
      return result;
    } catch (thrown) {
      end('failed');
      throw thrown;
    }
  };
  return {
    [Symbol.asyncIterator]() {
      const iterator = source[Symbol.asyncIterator]();
      const leave = async (value?: unknown): Promise<IteratorResult<unknown>> => {
        const result = (await iterator.return?.(value)) ?? { done: true, value };
        return result;
      };
      const watched = {
        [Symbol.asyncIterator]: () => watched,
        next: () => step(() => iterator.next(), 'done'),
        return: (value?: unknown) => step(() => leave(value), 'returned'),
      };
      return watched;
    },
  };
}
