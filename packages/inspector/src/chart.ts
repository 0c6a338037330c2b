import type { Kept } from './entry.ts';
import type { Chart } from './page-contract.ts';

const BARS = 60;
const NAMES = 8;

/** How many events came when, by name. */
export function chartOf(
  entries: Iterable<Kept>,
  minutes: number,
  developmentMode: boolean | undefined,
  now: number,
): Chart {
  const barMs = Math.ceil((minutes * 60_000) / BARS);
  const from = Math.floor(now / barMs) * barMs - (BARS - 1) * barMs;
  const series = new Map<string, number[]>();
  for (const { summary } of entries) {
    const bar = Math.floor((summary.at - from) / barMs);
    const isMeant = developmentMode === undefined || summary.developmentMode === developmentMode;
    if (summary.kind !== 'event' || !isMeant || bar < 0 || bar >= BARS) continue;
    const counts = series.get(summary.foldedName) ?? Array<number>(BARS).fill(0);
    counts[bar] = (counts[bar] ?? 0) + 1;
    series.set(summary.foldedName, counts);
  }
  const byCount = [...series]
    .map(([name, counts]) => ({ name, counts, sum: counts.reduce((sum, count) => sum + count, 0) }))
    .sort((a, b) => b.sum - a.sum || (a.name < b.name ? -1 : 1));
  const shown = byCount.slice(0, NAMES).map(({ name, counts }) => ({ name, counts }));
  const rest = byCount.slice(NAMES);
  if (rest.length === 0) return { from, barMs, series: shown };
  const counts = shown[0]?.counts.map((_, bar) =>
    rest.reduce((sum, each) => sum + (each.counts[bar] ?? 0), 0),
  );
  return { from, barMs, series: [...shown, { name: 'other', counts: counts ?? [] }] };
}
