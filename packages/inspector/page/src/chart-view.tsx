import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Chart } from '../../src/page-contract.ts';
import { useLiveGet } from './api.ts';
import { Bars } from './chart-bars.tsx';
import { ChartTable } from './chart-table.tsx';
import { Empty, ModeSelect } from './controls.tsx';
import { changes, entries, isLoaded } from './feed.ts';
import { count } from './format.ts';
import { changeParams, isDevelopment, route } from './route.ts';

const RANGES: readonly (readonly [number, string, string])[] = [
  [15, '15 min', '15 minutes'],
  [60, '1 h', 'hour'],
  [1_440, '24 h', '24 hours'],
  [10_080, '7 days', '7 days'],
];

export function ChartView(): JSX.Element {
  // An empty feed ends with its first entry.
  void changes.value;
  const { params } = route.value;
  const minutes = Number(params.get('minutes')) || 15;
  const isTable = useSignal(false);
  const marked = useSignal<string | null>(null);
  const { data, error } = useLiveGet<Chart>(`chart?minutes=${minutes}&developmentMode=${isDevelopment()}`);
  if (isLoaded.value && entries.length === 0) {
    return (
      <Empty title="Nothing to draw yet">
        <p>
          How often each event happens shows up here as it comes. <a href="#/feed">Send a first event</a>
        </p>
      </Empty>
    );
  }
  const total = data?.series.reduce((sum, { counts }) => sum + sumOf(counts), 0) ?? 0;
  return (
    <div class="page-view">
      <div class="view-bar">
        <fieldset class="segments">
          <legend class="unseen">Time</legend>
          {RANGES.map(([value, words]) => (
            <label key={value}>
              <input
                type="radio"
                name="range"
                checked={value === minutes}
                onChange={() => changeParams({ minutes: value })}
              />
              <span>{words}</span>
            </label>
          ))}
        </fieldset>
        <ModeSelect />
        <button
          type="button"
          class="button"
          aria-pressed={isTable.value}
          onClick={() => (isTable.value = !isTable.value)}
        >
          Show as table
        </button>
      </div>
      {error !== undefined && <p class="problem">{error}</p>}
      {data && total === 0 && (
        <Empty title="No events in this time">
          <p>Choose a longer one, or the other mode.</p>
        </Empty>
      )}
      {data && total > 0 && (
        <section class="card chart" aria-label="Events over time">
          <h2 class="chart-title">
            {count(total)} events{' '}
            <span>
              by name, in the last {RANGES.find(([value]) => value === minutes)?.[2] ?? `${minutes} min`}
            </span>
          </h2>
          {isTable.value ? <ChartTable chart={data} /> : <Bars chart={data} marked={marked.value} />}
          {!isTable.value && <Legend chart={data} onMark={(name) => (marked.value = name)} />}
        </section>
      )}
    </div>
  );
}

function Legend(props: {
  readonly chart: Chart;
  readonly onMark: (name: string | null) => void;
}): JSX.Element {
  const { chart, onMark } = props;
  return (
    <ul class="legend">
      {chart.series.map(({ name, counts }, index) => (
        <li key={name} onPointerEnter={() => onMark(name)} onPointerLeave={() => onMark(null)}>
          <span class={`swatch fill-${index}`} aria-hidden="true" />
          <span class="legend-name" title={name}>
            {name}
          </span>
          <span class="legend-count">{count(sumOf(counts))}</span>
        </li>
      ))}
    </ul>
  );
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, each) => sum + each, 0);
}
