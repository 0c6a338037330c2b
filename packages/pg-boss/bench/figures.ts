/** The middle of some figures, and the least and the most. */
export function summary(values: readonly number[], digits = 0): string {
  const sorted = values.toSorted((a, b) => a - b);
  const text = (value: number | undefined): string =>
    (value ?? Number.NaN).toLocaleString('en-US', {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
  return `${text(sorted[sorted.length >> 1])} (${text(sorted[0])} to ${text(sorted.at(-1))})`;
}

/** Rows of Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
