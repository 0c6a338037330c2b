/** One request of the visitor, and what came of it. */
export type Row = readonly [framework: string, request: string, answer: string, outcome: string];

const HEADING: Row = ['framework', 'request', 'answer', 'what Vero received, or why nothing'];

export function formatTable(rows: readonly Row[]): string {
  const all = [HEADING, ...rows];
  const widths = HEADING.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: Row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [line(HEADING), rule, ...rows.map(line)].map((text) => text.trimEnd()).join('\n');
}

/** @returns what is wrong, row by row; nothing when all is as it should be */
export function compare(rows: readonly Row[], expected: readonly Row[]): string[] {
  const length = Math.max(rows.length, expected.length);
  return Array.from({ length }, (_, index) => {
    const [is, should] = [rows[index], expected[index]].map((row) => row?.join(' | ') ?? 'no such row');
    return is === should ? [] : [`Row ${index + 1} is wrong.\n  it is:     ${is}\n  should be: ${should}`];
  }).flat();
}
