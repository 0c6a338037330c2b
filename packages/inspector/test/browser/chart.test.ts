import { describe, expect, it } from 'vitest';
import { useBrowser, visit } from './visit.ts';

useBrowser();

describe('the chart', () => {
  it('counts events by name, and follows what comes', async () => {
    const { page, send } = await visit({ hash: '#/chart' });
    await page.getByRole('heading', { name: 'Nothing to draw yet' }).waitFor();
    await send('signed_up');
    await send('Signed Up', { data: { plan: 'free' } });
    await send('purchased');
    await page.getByRole('heading', { name: '3 events' }).waitFor();
    await expect
      .poll(() => page.locator('.legend li').allTextContents())
      .toEqual(['signed_up2', 'purchased1']);
    await expect.poll(() => page.locator('svg .fill-0').count()).toBeGreaterThan(0);
    await send('purchased', { data: { total: 40 } });
    await page.getByRole('heading', { name: '4 events' }).waitFor();
  });

  it('has a table with the same numbers', async () => {
    const { page, send } = await visit({ hash: '#/chart?minutes=10080' });
    await send('signed_up');
    await send('signed_up', { data: { more: true } });
    await page.getByRole('button', { name: 'Show as table' }).click();
    await page.getByRole('columnheader', { name: 'signed_up' }).waitFor();
    const numbers = () => page.locator('.chart-table td').allTextContents();
    await expect.poll(async () => (await numbers()).reduce((sum, each) => sum + Number(each), 0)).toBe(2);
  });

  it.each([
    ['15 min', '15 minutes'],
    ['1 h', 'hour'],
    ['24 h', '24 hours'],
    ['7 days', '7 days'],
  ])('shows %s', async (choice, words) => {
    const { page, send } = await visit({ hash: '#/chart' });
    await send('signed_up');
    await page.getByRole('radio', { name: choice }).check({ force: true });
    await page.getByText(`in the last ${words}`).waitFor();
  });

  it('keeps development mode apart', async () => {
    const { page, send } = await visit({ hash: '#/chart' });
    await send('signed_up', { development_mode: true });
    await page.getByRole('heading', { name: 'No events in this time' }).waitFor();
    await page.getByLabel('Mode').selectOption('Development');
    await page.getByRole('heading', { name: '1 event' }).waitFor();
  });

  it('goes on with the time, though nothing comes', async () => {
    const { page, send, goTo, row } = await visit();
    await send('signed_up');
    await row('signed_up').waitFor();
    await page.clock.install();
    const first = page.waitForResponse(/\/chart/);
    await goTo('#/chart');
    await first;
    const next = page.waitForResponse(/\/chart/);
    await page.clock.fastForward(11_000);
    await next;
  });
});
