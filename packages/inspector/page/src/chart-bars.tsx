import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Chart } from '../../src/page-contract.ts';
import { barTime } from './chart-table.tsx';
import { count } from './format.ts';

const HEIGHT = 300;
const LEFT = 44;
const BOTTOM = 26;
const TOP = 12;
/** Room for a time below the bars. */
const LABEL_PX = 84;

/** Bars, one colour a name on top of the other. The table says the same in words. */
export function Bars({
  chart,
  marked,
}: {
  readonly chart: Chart;
  readonly marked: string | null;
}): JSX.Element {
  const { series, barMs, from } = chart;
  const ref = useRef<HTMLDivElement>(null);
  const width = useSignal(900);
  const pointed = useSignal<number | null>(null);
  useEffect(() => {
    if (!ref.current) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) width.value = entry.contentRect.width;
    });
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, [width]);

  const bars = series[0]?.counts.length ?? 0;
  const totals = Array.from({ length: bars }, (_, bar) =>
    series.reduce((sum, { counts }) => sum + (counts[bar] ?? 0), 0),
  );
  const top = niceTop(Math.max(1, ...totals));
  const plot = { width: width.value - LEFT, height: HEIGHT - TOP - BOTTOM };
  const step = plot.width / Math.max(1, bars);
  const gap = step > 6 ? Math.min(6, step * 0.22) : 0.5;
  const yOf = (value: number) => TOP + plot.height * (1 - value / top);
  const every = Math.max(1, Math.ceil(LABEL_PX / step));
  const pointedAt = (event: PointerEvent): void => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const bar = Math.floor((event.clientX - box.left - LEFT) / step);
    pointed.value = bar >= 0 && bar < bars ? bar : null;
  };
  return (
    <div class="bars" ref={ref}>
      <svg
        width={width.value}
        height={HEIGHT}
        role="img"
        aria-label={`Bars: up to ${count(Math.max(...totals, 0))} events in ${spanWords(barMs)}. Show as table has the numbers.`}
        onPointerMove={pointedAt}
        onPointerLeave={() => (pointed.value = null)}
      >
        {[0, 0.25, 0.5, 0.75, 1]
          .map((part) => part * top)
          .filter(Number.isInteger)
          .map((value) => (
            <g key={value} class="grid">
              <line x1={LEFT} x2={width.value} y1={yOf(value)} y2={yOf(value)} />
              <text x={LEFT - 8} y={yOf(value) + 4} text-anchor="end">
                {count(value)}
              </text>
            </g>
          ))}
        {pointed.value !== null && (
          <rect class="pointed" x={LEFT + pointed.value * step} y={TOP} width={step} height={plot.height} />
        )}
        {totals.map((_, bar) => {
          let below = 0;
          return series.map(({ name, counts }, index) => {
            const value = counts[bar] ?? 0;
            if (value === 0) return null;
            below += value;
            const height = (plot.height * value) / top;
            return (
              <rect
                key={`${bar} ${name}`}
                class={`fill-${index}${marked !== null && marked !== name ? ' is-dim' : ''}`}
                x={LEFT + bar * step + gap / 2}
                y={yOf(below)}
                width={Math.max(1, step - gap)}
                // A line between two names, as long as there is room for one.
                height={Math.max(0.5, height > 3 ? height - 1 : height)}
              />
            );
          });
        })}
        {totals.map(
          (_, bar) =>
            bar % every === 0 &&
            bar * step + LABEL_PX * 0.6 < plot.width && (
              <text key={bar} class="axis" x={LEFT + bar * step} y={HEIGHT - 6}>
                {barTime(from + bar * barMs, barMs)}
              </text>
            ),
        )}
      </svg>
      {pointed.value !== null && (totals[pointed.value] ?? 0) > 0 && (
        <Pointed
          chart={chart}
          bar={pointed.value}
          left={LEFT + (pointed.value + 0.5) * step}
          width={width.value}
        />
      )}
    </div>
  );
}

function Pointed(props: {
  readonly chart: Chart;
  readonly bar: number;
  readonly left: number;
  readonly width: number;
}): JSX.Element {
  const { chart, bar, left, width } = props;
  const side = left > width / 2 ? { right: `${width - left + 12}px` } : { left: `${left + 12}px` };
  return (
    <div class="tip" style={side} aria-hidden="true">
      <strong>{barTime(chart.from + bar * chart.barMs, chart.barMs)}</strong>
      {chart.series.map(({ name, counts }, index) =>
        counts[bar] ? (
          <span key={name} class="tip-line">
            <span class={`swatch fill-${index}`} />
            <span class="legend-name">{name}</span>
            <span>{count(counts[bar])}</span>
          </span>
        ) : null,
      )}
    </div>
  );
}

/** The next number that divides well into four. */
function niceTop(value: number): number {
  for (let scale = 4; ; scale *= 10) {
    for (const factor of [1, 2, 2.5, 5]) {
      if (scale * factor >= value) return scale * factor;
    }
  }
}

function spanWords(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} seconds`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds / 3_600)} hours`;
}
