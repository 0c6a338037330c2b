import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toMarkdown, trackingPlan } from '@verotrack/plan';
import { beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => {
  vi.spyOn(console, 'log').mockReturnValue();
});

// #region code
test('every event of the catalogue has a route, or a place in the code', async () => {
  vi.stubEnv('VERO_ENABLED', 'false'); // so that the application's client needs no token
  const { plan } = await import('./apps/express.ts');
  const { notEmitted, notInCatalogue } = await trackingPlan(plan);
  expect(notEmitted).toEqual(['logged_out']); // not yet
  expect(notInCatalogue).toEqual([]);
});
// #endregion

test('the README shows rows of the plan that its entry gives', async () => {
  const { plan } = await import('./apps/express.ts');
  const markdown = toMarkdown(await trackingPlan({ ...plan, root: join(import.meta.dirname, 'apps') }));
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  const rows = readme.match(/^\| (express|`add_to_cart`|`purchased`) .*$/gm) ?? [];
  expect(rows).toHaveLength(4);
  for (const row of rows) expect(markdown).toContain(row);
});

test('the README lists every option of definePlan', () => {
  const read = (file: string): string => readFileSync(join(import.meta.dirname, file), 'utf8');
  const [, after = ''] = read('../README.md').split('## `definePlan(options)`\n');
  const [, rules = ''] = read('../src/define-plan.ts').split('interface PlanOptions {');
  const listed = [...(after.split('\n##')[0] ?? '').matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  const options = [...(rules.split('\n}')[0] ?? '').matchAll(/readonly (\w+)\?:/g)].map(([, name]) => name);
  expect(options.length).toBeGreaterThan(6);
  expect(listed.toSorted()).toEqual(options.toSorted());
});
