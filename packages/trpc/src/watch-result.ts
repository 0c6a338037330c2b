export interface Watch {
  /** Runs a step in the call's scope. */
  readonly run: <T>(step: () => T) => T;
  /** Aborts when the client has left; a source that nobody asks any more doesn't notice. */
  readonly signal: AbortSignal | undefined;
  /** Called once. `returned`: the reader left before the end. */
  readonly ended: (how: End) => void;
}

type End = 'done' | 'failed' | 'returned';
type Step = Promise<IteratorResult<unknown>>;
type Steps = Pick<AsyncIterator<unknown>, 'next' | 'return' | 'throw'>;

/** What tRPC calls an observable: the older form of a subscription. */
interface Observable {
  subscribe(observer: Partial<Observer>): { unsubscribe(): void };
}

interface Observer {
  next(value: unknown): void;
  error(error: unknown): void;
  complete(): void;
}

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

export function isObservable(value: unknown): value is Observable {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<Observable>).subscribe === 'function'
  );
}

/** The same source with all that it can do, and an eye on how it ends. */
export function watchIterable(source: AsyncIterable<unknown>, watch: Watch): AsyncIterable<unknown> {
  const end = once(watch);
  const step = async (take: () => Step, how: End): Step => {
    try {
      const result = await watch.run(take);
      if (result.done) end(how);
      return result;
    } catch (thrown) {
      end('failed');
      throw thrown;
    }
  };
  const watched = (steps: Steps): Required<Steps> => ({
    next: (...value) => step(() => steps.next(...value), 'done'),
    return: (value) => step(async () => (await steps.return?.(value)) ?? { done: true, value }, 'returned'),
    throw: (error) =>
      step(async () => {
        if (!steps.throw) throw error;
        return steps.throw(error);
      }, 'done'),
  });
  const iterate = (): AsyncIterator<unknown> => {
    const steps = watched(source[Symbol.asyncIterator]());
    const iterator = { ...steps, [Symbol.asyncIterator]: () => iterator };
    return iterator;
  };
  const own = 'next' in source ? watched(source as unknown as Steps) : undefined;
  return new Proxy(source, {
    get: (target, name) => {
      if (name === Symbol.asyncIterator) return iterate;
      if (own && Object.hasOwn(own, name)) return own[name as keyof Steps];
      const value: unknown = Reflect.get(target, name, target);
      // Of a generator or a stream, methods know only their own object.
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** The same observable, with an eye on how it ends. */
export function watchObservable(source: Observable, watch: Watch): Observable {
  const end = once(watch);
  return {
    ...source,
    subscribe: (observer) => {
      const subscription = watch.run(() =>
        source.subscribe({
          ...observer,
          error: (error) => {
            end('failed');
            observer.error?.(error);
          },
          complete: () => {
            end('done');
            observer.complete?.();
          },
        }),
      );
      return {
        ...subscription,
        unsubscribe: () => {
          end('returned');
          subscription.unsubscribe();
        },
      };
    },
  };
}

function once({ signal, ended }: Watch): (how: End) => void {
  let isOver = false;
  const end = (how: End): void => {
    if (isOver) return;
    isOver = true;
    signal?.removeEventListener('abort', abort);
    ended(how);
  };
  const abort = (): void => end('returned');
  if (signal?.aborted) abort();
  else signal?.addEventListener('abort', abort, { once: true });
  return end;
}
