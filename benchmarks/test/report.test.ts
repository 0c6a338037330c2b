import { describe, expect, it } from 'vitest';
import type { Machine } from '../src/machine.ts';
import { cellText } from '../src/report/numbers.ts';
import { reportText } from '../src/report/report.ts';
import type { KeptResult } from '../src/results.ts';

const machine: Machine = {
  cpu: 'A processor',
  cores: 2,
  memoryGiB: 8,
  system: 'A system',
  node: '24.0.0',
  load: 0.1,
  versions: { 'a-peer': '1.2.3' },
  commit: 'abc1234',
};

const kept = (more: Partial<KeptResult> = {}): KeptResult => ({
  suite: 'accept',
  title: 'Accept',
  date: '2026-01-02T03:04:05.000Z',
  machine,
  result: {
    goals: [
      { what: 'Quick', goal: '≤ 5 µs', measured: '4.0 µs', isReached: true },
      { what: 'Small', goal: '≤ 5 bytes', measured: '6 bytes', isReached: false },
    ],
    tables: [
      { title: 'Ratios', columns: [{ title: 'time', unit: '×' }], rows: [{ name: 'peer', cells: [2] }] },
      {
        title: 'Absolute',
        note: 'Read this.',
        columns: [{ title: 'time', unit: 'µs' }],
        rows: [
          { name: 'peer', cells: [{ median: 8, min: 7, max: 1234 }] },
          { name: 'none', cells: [undefined] },
        ],
      },
    ],
    charts: [{ file: 'time', title: 'Time', unit: 'µs', bars: [] }],
  },
  ...more,
});

/** As it is when it was kept in a file. */
const asKept = (...results: KeptResult[]): KeptResult[] =>
  JSON.parse(JSON.stringify(results)) as KeptResult[];

describe('the report', () => {
  it('says of each goal whether it was reached', () => {
    const text = reportText(asKept(kept()));
    expect(text).toContain('| Quick | ≤ 5 µs | 4.0 µs | yes |');
    expect(text).toContain('| Small | ≤ 5 bytes | 6 bytes | **no** |');
  });

  it('has goals first, then ratios, then the chart, then absolute figures with their spread', () => {
    const text = reportText(asKept(kept()));
    const parts = [
      '## Goals',
      '### Ratios',
      '| peer | 2.00 × |',
      '![Time](images/benchmarks/time.svg)',
      '### Absolute\nRead this.',
      '|  | time, µs |',
      '| peer | 8.00 (7.00–1,234) |',
      '| none | – |',
      '## How to read it',
      '## The machine',
    ];
    expect(parts.map((part) => text.indexOf(part))).not.toContain(-1);
    expect(parts.map((part) => text.indexOf(part))).toEqual(
      parts.map((part) => text.indexOf(part)).sort((a, b) => a - b),
    );
  });

  it('describes the machine once when all was measured on one day, and each when not', () => {
    const other = kept({ suite: 'memory', title: 'Memory' });
    const count = (text: string) => text.split('A processor, 2 cores').length - 1;
    expect(count(reportText(asKept(kept(), other)))).toBe(1);
    const later = { ...other, date: '2026-01-03T00:00:00.000Z' };
    const text = reportText(asKept(kept(), later));
    expect(count(text)).toBe(2);
    expect(text).toContain('**Memory.** Measured on 2026-01-03');
  });

  it('says when it is only a trial', () => {
    expect(reportText(asKept(kept()), true)).toContain('mean nothing');
    expect(reportText(asKept(kept()))).not.toContain('mean nothing');
  });

  it('warns of a machine that was busy', () => {
    expect(reportText(asKept(kept()))).not.toContain('was busy in the minute');
    const busy = kept({ machine: { ...machine, load: 0.7 } });
    expect(reportText(asKept(busy))).toContain(
      '**The machine was busy in the minute before the run** of all suites',
    );
  });
});

describe('a cell', () => {
  it('has as many digits as say something', () => {
    expect([0.123, 4.567, 45.67, 456.7, 45678].map((value) => cellText(value))).toEqual([
      '0.12',
      '4.57',
      '45.7',
      '457',
      '45,678',
    ]);
  });

  it('is a dash where there is nothing', () => {
    expect([undefined, null, Number.NaN].map((value) => cellText(value))).toEqual(['–', '–', '–']);
  });

  it('leaves out a spread that is none', () => {
    expect(cellText({ median: 3, min: 3, max: 3 }, '×')).toBe('3.00 ×');
  });
});
