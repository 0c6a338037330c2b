export interface Watch {
  /** Runs a step in the call's scope. */
  readonly run: <T>(step: () => T) => T;
  /** Aborts when the client has left; a source that nobody asks any more doesn't notice. */
  readonly signal: AbortSignal | undefined;
  /** Called at the first step. */
  readonly started: () => void;
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
    watch.started();
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
  const own = 'next' in source ? generatorMethods(watched(source as unknown as Steps)) : {};
  const replaced: Record<string | symbol, unknown> = { ...own, [Symbol.asyncIterator]: iterate };
  // Not of the source itself: what is frozen may not be shown otherwise than it is.
  return new Proxy(Object.create(Object.getPrototypeOf(source) as object | null) as AsyncIterable<unknown>, {
    has: (_target, name) => name in source,
    set: (_target, name, value) => Reflect.set(source, name, value),
    get: (_target, name) => {
      if (Object.hasOwn(replaced, name)) return replaced[name];
      const value: unknown = Reflect.get(source, name, source);
      // Of a generator or a stream, methods know only their own object.
      return typeof value === 'function' ? value.bind(source) : value;
    },
  });
}

function generatorMethods(steps: Required<Steps>): Record<string | symbol, unknown> {
  const dispose = async (): Promise<void> => void (await steps.return(undefined));
  return { ...steps, [Symbol.asyncDispose]: dispose };
}

/** The same observable, with an eye on how it ends. */
export function watchObservable(source: Observable, watch: Watch): Observable {
  const end = once(watch);
  const subscribe: Observable['subscribe'] = (observer) => {
    watch.started();
    const watched: Observer = {
      next: (value) => observer.next?.(value),
      error: (error) => {
        end('failed');
        observer.error?.(error);
      },
      complete: () => {
        end('done');
        observer.complete?.();
      },
    };
    const subscription = watch.run(() => source.subscribe(watched));
    const unsubscribe = (): void => {
      end('returned');
      subscription.unsubscribe();
    };
    return Object.create(subscription, { unsubscribe: { value: unsubscribe } });
  };
  return Object.create(source, { subscribe: { value: subscribe } });
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
