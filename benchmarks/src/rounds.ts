import type { Spread } from './suite.ts';

/** One of the things that are measured side by side. */
export interface Contestant<Figures extends Readonly<Record<string, number>>> {
  readonly name: string;
  /** Measures it once, from a fresh start. */
  measure(): Promise<Figures>;
}

export type Spreads<Figures> = { readonly [Name in keyof Figures]: Spread };

export interface RoundsOptions {
  readonly rounds: number;
  readonly log: (line: string) => void;
}

/** Measures every contestant as {@link everyRound} does, and sums up its rounds. */
export async function inRounds<Figures extends Readonly<Record<string, number>>>(
  contestants: readonly Contestant<Figures>[],
  options: RoundsOptions,
): Promise<Map<string, Spreads<Figures>>> {
  const measured = await everyRound(contestants, options);
  return new Map([...measured].map(([name, all]) => [name, spreadsOf(all)]));
}

/**
 * What every contestant gave in each round. Each round begins with another one, so that whatever the machine does
 * meanwhile falls on all of them.
 */
export async function everyRound<Figures extends Readonly<Record<string, number>>>(
  contestants: readonly Contestant<Figures>[],
  { rounds, log }: RoundsOptions,
): Promise<Map<string, readonly Figures[]>> {
  const measured = new Map<string, Figures[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const first = round % contestants.length;
    for (const contestant of [...contestants.slice(first), ...contestants.slice(0, first)]) {
      const figures = await contestant.measure();
      measured.get(contestant.name)?.push(figures);
      log(`round ${round + 1}: ${contestant.name}: ${JSON.stringify(figures)}`);
    }
  }
  return measured;
}

function spreadsOf<Figures extends Readonly<Record<string, number>>>(
  all: readonly Figures[],
): Spreads<Figures> {
  const names = Object.keys(all[0] ?? {}) as (keyof Figures)[];
  return Object.fromEntries(
    names.map((name) => [name, spreadOf(all.map((figures) => figures[name] ?? Number.NaN))]),
  ) as unknown as Spreads<Figures>;
}

/**
 * By how much `figure` differs from that of `base` in each round. Their median leaves out what slows a whole round down, which
 * a difference of medians keeps.
 */
export function pairedDifferences<Figures extends Readonly<Record<string, number>>>(
  measured: readonly Figures[],
  base: readonly Figures[],
  figure: keyof Figures,
): readonly number[] {
  return measured.map(
    (figures, round) => (figures[figure] ?? Number.NaN) - (base[round]?.[figure] ?? Number.NaN),
  );
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = [sorted[(sorted.length - 1) >> 1], sorted[middle]];
  return { median: (low + high) / 2, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
}
