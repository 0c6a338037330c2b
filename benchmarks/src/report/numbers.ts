import type { Row } from '../suite.ts';

/** Three digits that say something, and no more. */
export function number(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A cell as text: a median with the least and the most of its rounds. */
export function cellText(cell: Row['cells'][number] | null, unit?: string): string {
  // JSON has neither `undefined` nor `NaN`.
  if (cell === undefined || cell === null) return '–';
  if (typeof cell === 'string') return cell;
  const after = unit === '×' ? ' ×' : '';
  if (typeof cell === 'number') return Number.isNaN(cell) ? '–' : number(cell) + after;
  const { median, min, max } = cell;
  if (min === max) return number(median) + after;
  return `${number(median)}${after} (${number(min)}–${number(max)})`;
}
