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

/**
 * Measures every contestant once a round. Each round begins with another one, so that whatever the machine does meanwhile
 * falls on all of them.
 */
export async function inRounds<Figures extends Readonly<Record<string, number>>>(
  contestants: readonly Contestant<Figures>[],
  { rounds, log }: RoundsOptions,
): Promise<Map<string, Spreads<Figures>>> {
  const measured = new Map<string, Figures[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const first = round % contestants.length;
    for (const contestant of [...contestants.slice(first), ...contestants.slice(0, first)]) {
      const figures = await contestant.measure();
      measured.get(contestant.name)?.push(figures);
      log(`round ${round + 1}: ${contestant.name}: ${JSON.stringify(figures)}`);
    }
  }
  return new Map([...measured].map(([name, all]) => [name, spreadsOf(all)]));
}

function spreadsOf<Figures extends Readonly<Record<string, number>>>(
  all: readonly Figures[],
): Spreads<Figures> {
  const names = Object.keys(all[0] ?? {}) as (keyof Figures)[];
  return Object.fromEntries(
    names.map((name) => [name, spreadOf(all.map((figures) => figures[name] ?? Number.NaN))]),
  ) as unknown as Spreads<Figures>;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = [sorted[(sorted.length - 1) >> 1], sorted[middle]];
  return { median: (low + high) / 2, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
}
