import type { JSX } from 'preact';
import type { Chart } from '../../src/page-contract.ts';
import { count } from './format.ts';

const DAY_MS = 86_400_000;
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const PRECISE = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});

/** The chart's numbers; bars in which nothing happened are left out. */
export function ChartTable({ chart }: { readonly chart: Chart }): JSX.Element {
  const { series, from, barMs } = chart;
  const bars = (series[0]?.counts ?? []).map((_, bar) => bar).reverse();
  const filled = bars.filter((bar) => series.some(({ counts }) => counts[bar]));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: so that it can be scrolled with the keys.
    <section class="chart-table" tabIndex={0} aria-label="Events by time and name">
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            {series.map(({ name }) => (
              <th key={name} scope="col" title={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {filled.map((bar) => (
            <tr key={bar}>
              <th scope="row">{barTime(from + bar * barMs, barMs)}</th>
              {series.map(({ name, counts }) => (
                <td key={name}>{count(counts[bar] ?? 0)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** As precise as bars of this length ask for. */
export function barTime(at: number, barMs: number): string {
  if (barMs < 60_000) return PRECISE.format(at);
  return Date.now() - at < DAY_MS ? CLOCK.format(at) : DAY.format(at);
}
