import { describe, expect, it } from 'vitest';
import { chartSvg } from '../src/report/chart.ts';
import type { Chart } from '../src/suite.ts';

const same = (value: number) => ({ median: value, min: value, max: value });
const chart = (bars: Chart['bars']): Chart => ({ file: 'a-chart', title: 'Time', unit: 'µs', bars });

describe('a chart', () => {
  it('has bars as long as their medians', () => {
    const svg = chartSvg(
      chart([
        { name: 'ours', value: same(10), isOurs: true },
        { name: 'theirs', value: same(40), isOurs: false },
      ]),
    );
    const [ours, theirs] = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) =>
      Number(width),
    );
    expect(theirs).toBeGreaterThan(0);
    expect(ours! / theirs!).toBeCloseTo(1 / 4, 2);
  });

  it('shows ours in another colour', () => {
    const svg = chartSvg(
      chart([
        { name: 'ours', value: same(1), isOurs: true },
        { name: 'theirs', value: same(1), isOurs: false },
        { name: 'others', value: same(1), isOurs: false },
      ]),
    );
    const [ours, theirs, others] = [...svg.matchAll(/<rect [^>]*fill="([^"]+)"/g)].map(([, fill]) => fill);
    expect(theirs).toBe(others);
    expect(ours).not.toBe(theirs);
  });

  it('stays as wide as it is when one round went wrong', () => {
    const svg = chartSvg(
      chart([
        { name: 'steady', value: same(10), isOurs: true },
        { name: 'shaky', value: { median: 10, min: 9, max: 10_000 }, isOurs: false },
      ]),
    );
    const width = Number(/<svg [^>]*width="(\d+)"/.exec(svg)?.[1]);
    const places = [...svg.matchAll(/ x\d?="([\d.]+)"/g)].map(([, x]) => Number(x));
    expect(Math.max(...places)).toBeLessThan(width);
    expect(Number(/<rect [^>]*width="([\d.]+)"/.exec(svg)?.[1])).toBeGreaterThan(100);
  });

  it('is XML whatever its words are', () => {
    const name = 'a < b & "c" > `d`';
    const svg = chartSvg(chart([{ name, value: same(0), isOurs: true }]));
    expect(svg).toContain('>a &lt; b &amp; &quot;c&quot; &gt; d</text>');
    expect(svg.replaceAll(/<\/?[a-z]+( [a-zA-Z0-9:-]+="[^"<]*")*\/?>/g, '')).not.toMatch(/[<>]/);
    expect(svg).not.toContain('NaN');
  });
});
