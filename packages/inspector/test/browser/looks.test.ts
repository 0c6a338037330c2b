import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { sendAFew, sendMany } from './shop.ts';
import { useBrowser, type Visit, visit } from './visit.ts';

const PICTURES = join(import.meta.dirname, '../../.screenshots');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WIDTHS = { laptop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const;
const FILLINGS: Readonly<Record<string, (visit: Visit) => Promise<void>>> = {
  'no events': async () => {},
  'a few events': sendAFew,
  '5,000 events': (each) => sendMany(each, 5_000),
};

interface Stop {
  readonly name: string;
  readonly hash: string;
  readonly arrange?: (page: Page) => Promise<void>;
}

useBrowser();
mkdirSync(PICTURES, { recursive: true });

describe.each(Object.keys(FILLINGS))('with %s', (filling) => {
  describe.each(Object.keys(WIDTHS) as (keyof typeof WIDTHS)[])('on a %s', (device) => {
    it.each(['light', 'dark'] as const)('every view is accessible, in %s', async (colorScheme) => {
      const here = await visit({
        context: { viewport: WIDTHS[device], colorScheme, hasTouch: device === 'phone' },
      });
      await FILLINGS[filling]?.(here);
      const stops = [...VIEWS, ...(filling === 'a few events' ? MORE : [])];
      for (const { name, hash, arrange } of stops) {
        await here.goTo(hash);
        await here.page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' });
        await arrange?.(here.page);
        await settled(here.page);
        const file = `${name} ${filling} ${device} ${colorScheme}.png`.replaceAll(/[ ,]+/g, '-');
        await here.page.screenshot({ path: join(PICTURES, file) });
        expect.soft(await seriousFindings(here.page), `${name}: serious findings`).toEqual([]);
        expect.soft(await overflow(here.page), `${name}: wider than the screen`).toBe(0);
        await here.page.keyboard.press('Escape');
      }
    });
  });
});

const VIEWS: readonly Stop[] = [
  {
    name: 'feed',
    hash: '#/feed',
    arrange: (page) => page.locator('.first, .row').first().waitFor(),
  },
  {
    name: 'people',
    hash: '#/people',
    arrange: (page) => page.locator('.person-line, .empty').first().waitFor(),
  },
  {
    name: 'chart',
    hash: '#/chart',
    arrange: (page) => page.locator('.chart, .empty').first().waitFor(),
  },
  {
    name: 'templates',
    hash: '#/templates',
    arrange: async (page) => {
      if ((await page.locator('.editor').count()) > 0) await page.locator('.rendered:not(:empty)').waitFor();
    },
  },
  {
    name: 'triggers',
    hash: '#/triggers?did=add_to_cart&not=purchased&days=0',
    arrange: (page) => page.locator('.figures, .empty').first().waitFor(),
  },
  { name: 'faults', hash: '#/faults' },
];

const MORE: readonly Stop[] = [
  { name: 'event', hash: '#/feed?seq=8', arrange: (page) => page.locator('.payload').waitFor() },
  { name: 'refused', hash: '#/feed?seq=10', arrange: (page) => page.locator('.issues').waitFor() },
  {
    name: 'filters',
    hash: '#/feed?event=add_to_cart&mode=production&minutes=60',
    arrange: async (page) => {
      const toggle = page.getByRole('button', { name: 'Filters', exact: true });
      if (await toggle.isVisible()) await toggle.click();
    },
  },
  { name: 'person', hash: '#/people/1', arrange: (page) => page.locator('.timeline .row').first().waitFor() },
  {
    name: 'chart table',
    hash: '#/chart?minutes=60',
    arrange: async (page) => {
      await page.getByRole('button', { name: 'Show as table' }).click();
      await page.getByRole('table').waitFor();
    },
  },
  {
    name: 'template undefined',
    hash: '#/templates?seq=1',
    arrange: (page) => page.locator('.undefined').waitFor(),
  },
  {
    name: 'triggers waiting',
    hash: '#/triggers',
    arrange: (page) => page.locator('.suggestions').waitFor(),
  },
  {
    name: 'clear',
    hash: '#/feed',
    arrange: async (page) => {
      await page.getByRole('button', { name: 'Clear everything' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'help',
    hash: '#/feed',
    arrange: async (page) => {
      await page.getByRole('button', { name: 'Help and keys' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'fault active',
    hash: '#/faults',
    arrange: async (page) => {
      await page.getByRole('button', { name: 'Begin Too many requests' }).click();
      await page.locator('.active-faults li').waitFor();
    },
  },
  { name: 'feed fault active', hash: '#/feed' },
];

/** What it asked of the server is there, and nothing is on its way. */
async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('main')?.textContent !== '');
  await page.evaluate(() => document.fonts.ready);
  await page.waitForFunction(
    () =>
      document.querySelectorAll('.connection.is-live').length === 1 &&
      !document.querySelector('[aria-busy=true]'),
  );
}

async function overflow(page: Page): Promise<number> {
  return await page.evaluate(() =>
    Math.max(
      ...[document.documentElement, ...document.querySelectorAll('main, main section')]
        .filter((each) => !each.matches('.payload, .chart-table'))
        .map(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth),
    ),
  );
}

/** Of axe-core. It is put in past the Content-Security-Policy, which allows no foreign script. */
async function seriousFindings(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const { violations, passes } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run(),
  );
  expect(passes.length, 'what axe-core found to be right').toBeGreaterThan(10);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join(' | ')}`,
    );
}
