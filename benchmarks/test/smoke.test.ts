import { expect, it } from 'vitest';
import { quickRun } from './quick-run.ts';

it('measures delivery, memory and start-up, and writes one report of them', {
  timeout: 120_000,
}, async () => {
  const { report, charts } = await quickRun('delivery', 'memory', 'start-up');
  const titles = [...report.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
  expect(titles).toEqual([
    'Goals',
    'Delivery',
    'Memory and backlogs',
    'Start-up',
    'How to read it',
    'The machine',
  ]);
  expect(report).toMatch(/kyTransport, events a second: of `@getvero\/tracking`.*\| ≥ 1.5 × \| [\d.]+ × \|/);
  expect(report).toContain('These numbers mean nothing');
  expect(report).not.toMatch(/NaN|undefined/);
  expect(charts).toContain('event-loop-delay.svg');
});

it('measures the requests of a framework', { timeout: 120_000 }, async () => {
  const { report, charts } = await quickRun('request-path-express');
  expect(report).toMatch(/^## What tracking costs a request: Express 5$/m);
  expect(report).toContain('tracked route, `threadTransport`, Vero down');
  expect(report).not.toMatch(/NaN|undefined/);
  expect(charts).toEqual(['request-path-express.svg']);
});
