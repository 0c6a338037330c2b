/** What one run of the benchmarks is asked for. */
export interface BenchContext {
  /** Few rounds of little work: shows that everything runs, and measures nothing. */
  readonly isQuick: boolean;
  /** Says how far it is. */
  readonly log: (line: string) => void;
}

/** A median with the least and the most of the rounds it comes from. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface Table {
  readonly title: string;
  /** What is measured and how, and what must be known to read it. Markdown. */
  readonly note?: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

export interface Column {
  readonly title: string;
  readonly unit?: string;
}

export interface Row {
  readonly name: string;
  /** One for each column; `undefined` where there is none. */
  readonly cells: readonly (Spread | number | string | undefined)[];
}

export interface Chart {
  /** The name of its file, without `.svg`. */
  readonly file: string;
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly { readonly name: string; readonly value: Spread; readonly isOurs: boolean }[];
}

/** Something that is to be reached, and what was measured. */
export interface Goal {
  readonly what: string;
  readonly goal: string;
  readonly measured: string;
  readonly isReached: boolean;
}

export interface SuiteResult {
  readonly goals: readonly Goal[];
  readonly tables: readonly Table[];
  readonly charts: readonly Chart[];
}

/** One part of the benchmarks: things that do the same, measured side by side. */
export interface Suite {
  readonly name: string;
  readonly title: string;
  run(context: BenchContext): Promise<SuiteResult>;
}
