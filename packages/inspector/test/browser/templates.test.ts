import { describe, expect, it } from 'vitest';
import { useBrowser, visit } from './visit.ts';

useBrowser();

const SHOES = { item_name: 'Blue shoes', item_price: 40 };
const JANE = { id: '1', name: 'Jane', age: 34 };

describe('a template', () => {
  it('is shown as the user of the newest event would read it', async () => {
    const { page, send } = await visit({ hash: '#/templates' });
    await page.getByRole('heading', { name: 'A template needs an event' }).waitFor();
    await send('add_to_cart', { identity: JANE, data: SHOES });
    await page.getByText('Hi Jane, still thinking about Blue shoes?').waitFor();
  });

  it('is rendered while one types, and marks what is not known', async () => {
    const { page, send } = await visit({ hash: '#/templates' });
    await send('add_to_cart', { identity: JANE, data: SHOES });
    await page
      .getByLabel('Template in Liquid')
      .fill('{{user.age}}, {{event.item_price}}, {{user.shoe_size}}.');
    await page.getByText('34, 40, .').waitFor();
    await expect.poll(() => page.locator('.undefined code').allTextContents()).toEqual(['user.shoe_size']);
    await expect.poll(() => page.locator('.editor mark').allTextContents()).toEqual(['user.shoe_size']);
  });

  it('says what is wrong with it', async () => {
    const { page, send } = await visit({ hash: '#/templates' });
    await send('add_to_cart', { identity: JANE });
    await page.getByLabel('Template in Liquid').fill('{% if user.age %}never closed');
    await expect.poll(() => page.getByRole('alert').textContent()).toMatch(/if/);
  });

  it('is rendered for the event that one chooses', async () => {
    const { page, send } = await visit({ hash: '#/templates' });
    await send('add_to_cart', { identity: JANE, data: SHOES });
    await send('add_to_cart', { identity: { id: '2', name: 'Amir' }, data: { item_name: 'Wool socks' } });
    await page.getByText('Hi Amir, still thinking about Wool socks?').waitFor();
    await page.getByLabel('For the event').selectOption({ index: 1 });
    await page.getByText('Hi Jane, still thinking about Blue shoes?').waitFor();
    expect(new URL(page.url()).hash).toBe('#/templates?seq=1');
  });

  it('takes an example, and a name by a click', async () => {
    const { page, send } = await visit({ hash: '#/templates' });
    await send('add_to_cart', { identity: JANE, data: SHOES });
    await page.getByRole('button', { name: /^Hello/ }).click();
    await page.getByText('Hello Jane, thanks for joining.').waitFor();
    await page.getByLabel('Template in Liquid').fill('');
    await page.getByRole('button', { name: 'event.item_price', exact: true }).click();
    expect(await page.getByLabel('Template in Liquid').inputValue()).toBe('{{event.item_price}}');
    await expect.poll(() => page.locator('.rendered').textContent()).toBe('40');
  });
});
