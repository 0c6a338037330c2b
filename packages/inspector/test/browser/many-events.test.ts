import { describe, expect, it } from 'vitest';
import { sendMany } from './shop.ts';
import { useBrowser, visit } from './visit.ts';

useBrowser();

/** Those in sight, and some to spare. */
const MOST_ROWS = 60;

describe('5,000 events', () => {
  it('are all received, with few rows in the document and the newest in sight', async () => {
    const here = await visit();
    await sendMany(here, 5_000);
    const { page } = here;
    await page.getByText('5,000 received').waitFor();
    await here.row('last_event').waitFor();
    const rows = page.locator('.feed-rows .row');
    expect(await rows.count()).toBeLessThan(MOST_ROWS);
    await page.locator('.feed-scroll').evaluate((list) => list.scrollTo(0, list.scrollHeight));
    await page.locator('.row[data-seq="1"]').waitFor();
    expect(await rows.count()).toBeLessThan(MOST_ROWS);
    await page.getByLabel('Filter by any text').fill('last_event');
    await page.getByText('1 of 5,000').waitFor();
  });
});

describe('more names than one can choose from', () => {
  it('are offered up to a bound', async () => {
    const here = await visit();
    for (let index = 0; index < 300; index += 1) await here.send(`name_${index}`);
    await here.page.getByText('300 received').waitFor();
    await expect
      .poll(() => here.page.getByLabel('Event', { exact: true }).locator('option').count())
      .toBe(201);
  });
});

describe('what comes while one reads further down', () => {
  it('moves nothing, and waits behind a button', async () => {
    const here = await visit();
    await sendMany(here, 200);
    const { page, send, row } = here;
    await row('last_event').waitFor();
    const list = page.locator('.feed-scroll');
    await list.evaluate((each) => each.scrollTo(0, 2_000));
    await page.locator('.row[data-seq="140"]').waitFor();
    const before = await page.locator('.row[data-seq="140"]').boundingBox();
    await send('newer');
    await send('newer');
    const button = page.getByRole('button', { name: '2 new' });
    await button.waitFor();
    expect(await page.locator('.row[data-seq="140"]').boundingBox()).toEqual(before);
    await button.click();
    await row('newer').first().waitFor();
    await button.waitFor({ state: 'detached' });
  });
});

describe('a paused feed', () => {
  it('stays as it is until it is resumed', async () => {
    const { page, send, row } = await visit();
    await send('before');
    await row('before').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await send('meanwhile');
    await page.getByRole('button', { name: '1 new' }).waitFor();
    await expect.poll(() => row('meanwhile').count()).toBe(0);
    await page.getByRole('button', { name: 'Resume' }).click();
    await row('meanwhile').waitFor();
  });
});

describe('events that are forgotten', () => {
  it('leave the page when everything is cleared, and later ones show', async () => {
    const { page, send, row, inspector } = await visit();
    await send('before');
    await row('before').waitFor();
    inspector.clear();
    await page.getByText('Waiting for the first event').waitFor();
    await send('after');
    await row('after').waitFor();
    await expect.poll(() => row('before').count()).toBe(0);
  });

  it('leave the page when they leave the inspector', async () => {
    const { page, send, row } = await visit({ inspector: { maxEvents: 5 } });
    for (let n = 1; n <= 12; n++) await send(`event_${n}`);
    await row('event_12').waitFor();
    await expect.poll(() => page.locator('.row').count()).toBe(5);
    await row('event_8').click();
    await page.locator('.payload').waitFor();
  });

  it('do so also from a feed that was paused', async () => {
    const { page, send, row, inspector } = await visit();
    await send('before');
    await row('before').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    inspector.clear();
    await send('after');
    await row('after').waitFor();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await expect.poll(() => row('before').count()).toBe(0);
  });
});
