import { describe, expect, it } from 'vitest';
import { useBrowser, visit } from './visit.ts';

useBrowser();

const DAY_MS = 86_400_000;
const daysAgo = (days: number) => ({ created_at: new Date(Date.now() - days * DAY_MS).toISOString() });

describe('a trigger', () => {
  it('lists whom it would reach, who still has time, and counts who did it', async () => {
    const { page, send, call } = await visit({ hash: '#/triggers' });
    await page.getByRole('heading', { name: 'Whom would a campaign reach?' }).waitFor();
    await send('signed_up', { identity: { id: 'old' }, extras: daysAgo(20) });
    await send('signed_up', { identity: { id: 'silent' }, extras: daysAgo(30) });
    await call('POST', 'users/unsubscribe', { id: 'silent' });
    await send('signed_up', { identity: { id: 'new' }, extras: daysAgo(2) });
    await send('signed_up', { identity: { id: 'buyer' }, extras: daysAgo(20) });
    await send('purchased', { identity: { id: 'buyer' }, extras: daysAgo(10) });
    await page.getByLabel('Reach everybody who did').fill('Signed Up');
    await page.getByLabel('and did not do').fill('purchased');
    await page.getByLabel('within').fill('14');
    const people = (title: string) =>
      page.getByRole('region', { name: title }).getByRole('link').allTextContents();
    await expect.poll(() => people('Would be reached')).toEqual(['old', 'silent']);
    await expect.poll(() => people('Still have time')).toEqual(['new']);
    await expect.poll(() => page.locator('.figures dd').allTextContents()).toEqual(['2', '1', '1']);
    await page.getByText('One of them is unsubscribed').waitFor();
    expect(new URL(page.url()).hash).toContain('did=Signed+Up&not=purchased&days=14');
    await page.getByRole('link', { name: 'silent' }).click();
    await page.getByRole('heading', { name: 'silent' }).waitFor();
  });

  it('offers the names that came, and follows what comes', async () => {
    const { page, send } = await visit({ hash: '#/triggers' });
    await send('signed_up');
    await send('signed_up', { data: { again: true } });
    await send('purchased', { identity: { id: '2' } });
    const offered = page.locator('datalist option');
    await expect
      .poll(() => offered.evaluateAll((all) => all.map((each) => (each as HTMLOptionElement).value)))
      .toEqual(['signed_up', 'purchased']);
    await page.getByRole('button', { name: 'signed_up, but not purchased' }).click();
    await page.getByRole('region', { name: 'Still have time' }).getByRole('link', { name: '1' }).waitFor();
    await send('purchased');
    await page.getByText('Nobody is waiting.').waitFor();
    await expect.poll(() => page.locator('.figures dd').allTextContents()).toEqual(['0', '0', '1']);
    // What was true of another pair is not shown beside what is wrong with this one.
    await page.getByLabel('and did not do').fill('signed_up');
    await page.locator('.problem').waitFor();
    await expect.poll(() => page.locator('.figures').count()).toBe(0);
  });
});
