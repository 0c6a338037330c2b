import type { Chart } from '../suite.ts';
import { number } from './numbers.ts';

// Grey that is read on white and on black.
const TEXT = '#6e7781';
const OTHERS = '#8b949e';
const OURS = '#2f81f7';
const WHISKER = '#57606a';

const WIDTH = 760;
const LABELS = 250;
const VALUES = 110;
const TOP = 44;
const STEP = 30;
const BAR = 18;

/** Bars, as SVG: ours in blue, and what the rounds were between as a line. */
export function chartSvg({ title, unit, bars }: Chart): string {
  // One round that went wrong does not make all bars short: its line is cut.
  const medians = Math.max(...bars.map(({ value }) => value.median));
  const most = Math.min(Math.max(...bars.map(({ value }) => value.max)), 1.5 * medians);
  const scale = most > 0 ? (WIDTH - LABELS - VALUES) / most : 0;
  const height = TOP + bars.length * STEP + 10;
  const rows = bars.map(({ name, value, isOurs }, index) => {
    const y = TOP + index * STEP;
    const middle = y + BAR / 2;
    const [end, least, last] = [value.median, value.min, value.max].map(
      (one) => LABELS + Math.max(0, Math.min(one, most)) * scale,
    );
    return [
      text({ x: LABELS - 10, y: middle, anchor: 'end', isBold: isOurs }, name),
      `<rect x="${LABELS}" y="${y}" width="${px((end ?? 0) - LABELS)}" height="${BAR}" rx="2" fill="${isOurs ? OURS : OTHERS}"/>`,
      `<line x1="${px(least)}" x2="${px(last)}" y1="${middle}" y2="${middle}" stroke="${WHISKER}" stroke-width="2"/>`,
      text({ x: px(last, 8), y: middle, anchor: 'start', isBold: isOurs }, `${number(value.median)} ${unit}`),
    ].join('\n  ');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}" font-family="system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="13">
  <title>${escaped(title)}</title>
  ${text({ x: 0, y: 16, anchor: 'start', isBold: true }, title)}
  ${rows.join('\n  ')}
</svg>
`;
}

interface TextPlace {
  readonly x: number | string;
  readonly y: number;
  readonly anchor: 'start' | 'end';
  readonly isBold: boolean;
}

function text({ x, y, anchor, isBold }: TextPlace, content: string): string {
  const weight = isBold ? ' font-weight="600"' : '';
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" dominant-baseline="central" fill="${TEXT}"${weight}>${escaped(content)}</text>`;
}

const px = (value: number | undefined, more = 0): string => ((value ?? 0) + more).toFixed(1);

/** Names are Markdown elsewhere: here without its quotes. */
function escaped(content: string): string {
  return content
    .replaceAll('`', '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
