import { describe, expect, it } from 'vitest';
import { useBrowser, visit } from './visit.ts';

useBrowser();

describe('a fault', () => {
  it('meets the next requests, is seen on every view, and ends by itself', async () => {
    const { page, send, row } = await visit({ hash: '#/faults' });
    await page.getByLabel('Requests', { exact: true }).fill('2');
    await page.getByLabel('Retry-After, in s').fill('7');
    await page.getByRole('button', { name: 'Begin Too many requests' }).click();
    await page.locator('.active-faults', { hasText: '429 with Retry-After: 7' }).waitFor();
    const banner = page.locator('.fault-banner');
    for (const view of ['Feed', 'People', 'Chart', 'Templates', 'Triggers', 'Faults']) {
      await page.getByRole('link', { name: view, exact: true }).click();
      await page.getByRole('heading', { level: 1, name: view }).waitFor({ state: 'attached' });
      await expect.poll(() => banner.textContent()).toContain('2 requests left');
    }
    expect(await send('signed_up')).toBe(429);
    await expect.poll(() => banner.textContent()).toContain('1 request left');
    expect(await send('signed_up')).toBe(429);
    await banner.waitFor({ state: 'hidden' });
    expect(await send('signed_up')).toBe(200);
    await page.getByRole('link', { name: 'Feed', exact: true }).click();
    await row('retry #2').waitFor();
    await expect.poll(() => row('fault').count()).toBe(2);
  });

  it('may last for a while, and be stopped', async () => {
    const { page, send } = await visit({ hash: '#/faults' });
    await page.getByRole('radio', { name: /all, for/ }).check();
    await page.getByLabel('Seconds', { exact: true }).fill('600');
    await page.getByRole('button', { name: 'Begin Server error' }).click();
    await page.locator('.active-faults', { hasText: /500.*until \d\d:\d\d:\d\d/ }).waitFor();
    expect(await send('signed_up')).toBe(500);
    await page.getByRole('button', { name: /^Stop 500/ }).click();
    await page.getByText('None: requests are answered as Vero answers them.').waitFor();
    expect(await send('signed_up')).toBe(200);
  });

  it.each<[string, (answer: Promise<number>) => Promise<unknown>]>([
    ['Bad credentials', (answer) => expect(answer).resolves.toBe(401)],
    ['Dropped connection', (answer) => expect(answer).rejects.toThrow()],
    ['Lost answer', (answer) => expect(answer).rejects.toThrow()],
  ])('%s is what the client sees', async (name, seen) => {
    const { page, send, inspector } = await visit({ hash: '#/faults' });
    await page.getByRole('button', { name: `Begin ${name}` }).click();
    await page.locator('.active-faults li').waitFor();
    await seen(send('signed_up'));
    expect(inspector.events()).toHaveLength(name === 'Lost answer' ? 1 : 0);
  });

  it.each(['No answer', 'Slow answer'])('%s keeps the client waiting', async (name) => {
    const { page, inspector, row, send } = await visit({ hash: '#/faults' });
    await page.getByLabel('Requests', { exact: true }).fill('1');
    await page.getByLabel('After, in ms').fill('600000');
    await page.getByRole('button', { name: `Begin ${name}` }).click();
    await page.locator('.active-faults li').waitFor();
    const answer = send('signed_up').catch(() => 'no answer');
    await page.getByRole('link', { name: 'Feed', exact: true }).click();
    await row('signed_up').waitFor();
    expect(inspector.events()).toHaveLength(name === 'Slow answer' ? 1 : 0);
    await inspector.close();
    expect(await answer).toBe('no answer');
  });
});
