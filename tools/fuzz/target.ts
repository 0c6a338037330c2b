import fc from 'fast-check';

/** One part of the product that takes input from others. */
export interface FuzzTarget {
  readonly name: string;
  /** What is tried with it, for people. */
  readonly what: string;
  open(): Promise<OpenTarget>;
}

export interface OpenTarget {
  /** Gets random input, and fails when something comes of it that must not. */
  readonly property: fc.IRawProperty<unknown, boolean>;
  close(): Promise<void>;
}

export interface FuzzOptions {
  readonly seconds: number;
  /** The same seed gives the same inputs. */
  readonly seed: number;
}

export interface Figures {
  readonly name: string;
  readonly inputs: number;
  readonly seconds: number;
  readonly seed: number;
  /** What went wrong, with the smallest input that was found for it. */
  readonly finding: string | undefined;
}

/** Any number at all: the time ends it. */
const ENDLESS = 2 ** 31 - 1;

/** Tries random inputs until the time is over, or one of them is a finding. */
export async function fuzz(target: FuzzTarget, { seconds, seed }: FuzzOptions): Promise<Figures> {
  const stray: unknown[] = [];
  const note = (thrown: unknown): void => void stray.push(thrown);
  process.on('unhandledRejection', note);
  process.on('uncaughtException', note);
  const start = performance.now();
  try {
    const { property, close } = await target.open();
    const result = await fc.check(property as fc.IAsyncProperty<unknown>, {
      seed,
      numRuns: ENDLESS,
      interruptAfterTimeLimit: seconds * 1_000,
      markInterruptAsFailure: false,
      includeErrorInReport: true,
    });
    await close();
    // What is still under way may fail, too.
    await new Promise(setImmediate);
    const [first] = stray;
    const finding = result.failed
      ? shortened(fc.defaultReportMessage(result) ?? '')
      : stray.length > 0
        ? `seed ${seed}: ${stray.length} errors that nobody handles, the first: ${stackOf(first)}`
        : undefined;
    const took = (performance.now() - start) / 1_000;
    return { name: target.name, inputs: result.numRuns, seconds: took, seed, finding };
  } finally {
    process.off('unhandledRejection', note);
    process.off('uncaughtException', note);
  }
}

/** An input may be of any length; what is at the ends says how to make it again, and what came of it. */
function shortened(report: string): string {
  const half = 2_000;
  return report.length <= 2 * half ? report : `${report.slice(0, half)} … ${report.slice(-half)}`;
}

function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? String(thrown.stack) : String(thrown);
}

/** Fails the input. */
export function must(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(what);
}
