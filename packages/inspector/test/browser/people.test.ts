import { describe, expect, it } from 'vitest';
import { sendAFew } from './shop.ts';
import { useBrowser, visit } from './visit.ts';

useBrowser();

describe('people', () => {
  it('are taught about while there are none', async () => {
    const { page } = await visit({ hash: '#/people' });
    await page.getByRole('heading', { name: 'Nobody yet' }).waitFor();
  });

  it('are listed as they come, found by any attribute, and chosen', async () => {
    const here = await visit({ hash: '#/people' });
    await sendAFew(here);
    const { page } = here;
    await page.getByText('3 people').waitFor();
    await page.getByLabel(/^Search people/).fill('Jane');
    await page.getByText('1 person').waitFor();
    await page.getByRole('link', { name: 'janedoe@getvero.com' }).click();
    await page.getByRole('heading', { name: 'janedoe@getvero.com' }).waitFor();
    expect(new URL(page.url()).hash).toBe('#/people/1');
  });

  it('who unsubscribed, or are in development mode, are marked', async () => {
    const here = await visit({ hash: '#/people' });
    await sendAFew(here);
    const line = (name: string) => here.page.locator('.person-line', { hasText: name }).textContent();
    await here.page.getByText('3 people').waitFor();
    await expect.poll(() => line('amir@example.com')).toContain('unsubscribed');
    await expect.poll(() => line('dev-1')).toContain('development');
    await here.page.locator('.person-line', { hasText: 'dev-1' }).click();
    await here.page.getByRole('heading', { name: 'dev-1' }).waitFor();
    await here.page.locator('.timeline .row', { hasText: 'viewed_item' }).waitFor();
  });
});

describe('one person', () => {
  it('shows user data apart from event data, with tags and subscription', async () => {
    const here = await visit({ hash: '#/people/1' });
    await sendAFew(here);
    const { page } = here;
    const row = (name: string) =>
      page.locator('.attributes tr', { has: page.getByRole('rowheader', { name, exact: true }) });
    await row('age').waitFor();
    await expect.poll(() => row('age').textContent()).toMatch(/^age34\d\d:\d\d:\d\d$/);
    expect(await page.locator('.attributes').textContent()).not.toContain('item_price');
    await page.locator('.timeline .row', { hasText: 'item_price: 40' }).waitFor();
    await expect.poll(() => page.locator('.person .tag').allTextContents()).toEqual(['beta', 'newsletter']);
    await page.getByText('subscribed', { exact: true }).waitFor();
  });

  it('follows what comes, and keeps former ids', async () => {
    const { page, send, call } = await visit({ hash: '#/people/42' });
    await send('signed_up', { identity: { id: '41', plan: 'free' } });
    await call('PUT', 'users/reidentify', { id: '41', new_id: '42' });
    await page.getByText('formerly 41').waitFor();
    await send('upgraded', { identity: { id: '42', plan: 'pro' } });
    await page.locator('.timeline .row', { hasText: 'upgraded' }).waitFor();
    await expect.poll(() => page.locator('.attributes').textContent()).toContain('planpro');
    await page.locator('.attributes a').first().click();
    await page.locator('.payload').waitFor();
  });

  it('who is not there is said not to be', async () => {
    const { page, send } = await visit({ hash: '#/people/nobody' });
    await send('signed_up');
    await page.getByRole('heading', { name: 'Not here' }).waitFor();
  });
});
