import { VeroError } from '../errors.ts';
import type { QueueRecord } from './contract.ts';

type AvailableListener = (records: readonly QueueRecord[]) => void;
type ProblemListener = (error: Error) => void;

/** How many problems are kept for the first who listens. */
const MOST_UNTOLD = 10;

/** Who listens to a queue: for what it can give, and for what goes wrong beside its calls. */
export class QueueListeners {
  readonly #available = new Set<AvailableListener>();
  readonly #problems = new Set<ProblemListener>();
  readonly #untold: Error[] = [];

  /** As {@link EventQueue.onAvailable}. */
  onAvailable(listener: AvailableListener): () => void {
    // Wrapped, so that one function may listen twice.
    const own: AvailableListener = (records) => listener(records);
    this.#available.add(own);
    return () => void this.#available.delete(own);
  }

  /** As {@link EventQueue.onProblem}. Whoever is the first hears of what came before. */
  onProblem(listener: ProblemListener): () => void {
    const own: ProblemListener = (error) => listener(error);
    this.#problems.add(own);
    for (const error of this.#untold.splice(0)) own(error);
    return () => void this.#problems.delete(own);
  }

  /** Tells that there may be something to take. */
  tellAvailable(records: readonly QueueRecord[]): void {
    for (const listener of [...this.#available]) listener(records);
  }

  /** Tells of a problem, as an error with the code `VERO_QUEUE`; kept for the first listener, while there is none. */
  tellProblem(message: string, cause?: unknown): void {
    const error = new VeroError('VERO_QUEUE', message, { cause });
    if (this.#problems.size === 0 && this.#untold.length < MOST_UNTOLD) this.#untold.push(error);
    for (const listener of [...this.#problems]) listener(error);
  }
}
