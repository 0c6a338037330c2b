import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sendAFew } from './shop.ts';
import { startAt, useBrowser, visit } from './visit.ts';

useBrowser();

describe('a page without events', () => {
  it('shows where to send one, for each framework, with its own address', async () => {
    const { page, inspector } = await visit();
    for (const name of ['Express', 'NestJS', 'tRPC', 'curl']) {
      await page.getByRole('tab', { name }).click();
      await expect.poll(() => page.getByRole('tabpanel').textContent()).toContain(inspector.url);
    }
  });

  it('sends an example that shows up', async () => {
    const { page, row, inspector } = await visit();
    await page.getByRole('button', { name: 'Send an example event' }).click();
    await row('add_to_cart').waitFor();
    expect(inspector.events()).toMatchObject([{ name: 'add_to_cart', data: { item_name: 'Blue shoes' } }]);
  });
});

describe('the feed', () => {
  it('shows an event as it comes, with its user, source and data', async () => {
    const { page, send, row } = await visit();
    await page.getByText('Waiting for the first event').waitFor();
    await send('signed_up', {
      identity: { id: '1', email: 'janedoe@getvero.com' },
      data: { plan: 'free' },
      extras: { source: 'express-shop' },
    });
    const text = await row('signed_up').textContent();
    for (const part of ['janedoe@getvero.com', 'plan: free', 'express-shop']) expect(text).toContain(part);
    await send('purchased');
    await row('purchased').waitFor();
    await expect
      .poll(() => page.locator('.row .line-name').allTextContents())
      .toEqual(['purchased', 'signed_up']);
    await expect.poll(() => page.locator('.connection').textContent()).toBe('Live');
  });

  it('tells a retry, a refusal, a fault, development mode and a late delivery apart', async () => {
    const here = await visit();
    await sendAFew(here);
    await here.row('searched').waitFor();
    const badges = await here.page.locator('.row .badge').allTextContents();
    expect(badges).toEqual(
      expect.arrayContaining(['retry #1', 'refused 400', 'development', 'late 3 min', 'user']),
    );
    expect(badges.join()).toContain('fault 429');
    await expect.poll(() => here.row('refused 400').textContent()).toContain('identity.id must be');
  });

  it('marks what Vero would drop as a duplicate', async () => {
    const { send, row } = await visit({ inspector: { dedupe: { windowMs: 60_000 } } });
    await send('signed_up');
    await send('Signed Up');
    await row('duplicate').waitFor();
    await expect.poll(() => row('duplicate').textContent()).toContain('Signed Up');
  });

  it('reconnects when the inspector is started again, and misses nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'verotrack-browser-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const database = join(folder, 'events.db');
    const { page, send, row, inspector } = await visit({ inspector: { database } });
    await send('before');
    await row('before').waitFor();
    await inspector.close();
    await page.getByText('Reconnecting').waitFor();
    await startAt(inspector.url, { database });
    await send('meanwhile');
    await row('meanwhile').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await expect
      .poll(() => page.locator('.row .line-name').allTextContents())
      .toEqual(['meanwhile', 'before']);
  });

  it('forgets what an inspector without a database has forgotten', async () => {
    const { page, send, row, inspector } = await visit();
    await send('before');
    await send('before');
    await row('before').first().waitFor();
    await inspector.close();
    await page.getByText('Reconnecting').waitFor();
    await startAt(inspector.url);
    await page.getByText('Waiting for the first event').waitFor();
    await send('after');
    await row('after').waitFor();
    await expect.poll(() => row('before').count()).toBe(0);
  });
});

describe('filters', () => {
  it.each<[string, string, string[]]>([
    ['an event, as Vero folds its name', 'event=signed_up', ['Signed Up', 'signed_up']],
    ['a user', 'user=JANEDOE', ['searched', 'signed_up']],
    ['a source', 'source=nest-shop', ['Signed Up']],
    ['any text', 'text=wool+socks', ['add_to_cart']],
    ['development mode', 'mode=development', ['viewed_item']],
    ['a time that is over', 'from=2000-01-01T00:00&to=2000-01-02T00:00', []],
  ])('show what has %s', async (_what, query, names) => {
    const here = await visit({ hash: `#/feed?${query}` });
    await sendAFew(here);
    const { page } = here;
    await page.getByText(new RegExp(`^${names.length} of 13$`)).waitFor();
    await expect.poll(() => page.locator('.row .line-name').allTextContents()).toEqual(names);
  });

  it('are set by fields, seen as chips, kept in the address, and cleared', async () => {
    const here = await visit();
    await sendAFew(here);
    const { page } = here;
    await here.row('searched').waitFor();
    await page.getByLabel('Event', { exact: true }).selectOption({ label: 'add_to_cart' });
    await page.getByLabel('User: id or e-mail').fill('amir');
    await page.getByLabel('Time').selectOption('Last hour');
    await page.getByText('1 of 13').waitFor();
    const chips = page.getByRole('list', { name: 'Active filters' }).locator('.chip-text');
    await expect
      .poll(() => chips.allTextContents())
      .toEqual(['Event: add_to_cart', 'User: amir', 'Last 1 h']);
    expect(new URL(page.url()).hash).toBe('#/feed?event=add_to_cart&user=amir&minutes=60');
    await page.getByRole('button', { name: 'Remove filter: User: amir' }).click();
    await page.getByText('2 of 13').waitFor();
    await page.getByRole('link', { name: 'People' }).click();
    await page.getByRole('link', { name: 'Feed', exact: true }).click();
    await page.getByText('2 of 13').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByText('13 received').waitFor();
  });
});

describe('one event', () => {
  it('has an address of its own, and shows its payload, its answer and its user', async () => {
    const here = await visit({ hash: '#/feed?seq=1' });
    await sendAFew(here);
    const { page } = here;
    await page.reload();
    await page.locator('.payload').waitFor();
    const detail = await page.locator('.detail').textContent();
    for (const part of ['"plan": "free"', 'POST /api/v2/events/track', '200', 'express-shop', '…wser'])
      expect(detail).toContain(part);
    expect(detail).not.toContain('tok_secret_');
    await page.getByRole('link', { name: 'See everything about janedoe@getvero.com' }).click();
    await page.getByRole('heading', { name: 'User data' }).waitFor();
  });

  it('that was refused says what was wrong with it, one by one', async () => {
    const { page, send, row } = await visit();
    await send('', { identity: { id: '1', email: 'nobody' } });
    await row('refused').click();
    const issues = page.locator('.issues li');
    await issues.first().waitFor();
    await expect
      .poll(() => issues.allTextContents())
      .toEqual([expect.stringContaining('event_name'), expect.stringContaining('identity.email')]);
  });

  it('is copied as JSON, and as a curl without the credential', async () => {
    const { page, send, row } = await visit({
      context: { permissions: ['clipboard-read', 'clipboard-write'] },
    });
    await send('signed_up', { data: { plan: "it's free" } });
    await row('signed_up').click();
    const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
    await page.getByRole('button', { name: 'Copy JSON' }).click();
    await expect.poll(clipboard).toContain('"plan": "it\'s free"');
    await page.getByRole('button', { name: 'Copy as curl' }).click();
    await expect.poll(clipboard).toContain('curl');
    expect(await clipboard()).not.toContain('tok_secret_');
  });

  it('leads to the template view', async () => {
    const { page, send, row } = await visit();
    await send('add_to_cart', { data: { item_name: 'Blue shoes' } });
    await send('purchased');
    await row('add_to_cart').click();
    await page.getByRole('link', { name: 'Use in template' }).click();
    await page.getByText('still thinking about Blue shoes?').waitFor();
  });
});

describe('the keys', () => {
  it('move, open, close, search and help', async () => {
    const here = await visit();
    await sendAFew(here);
    const { page } = here;
    await here.row('searched').waitFor();
    const opened = () => page.locator('.detail h2').textContent();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.keyboard.press('Enter');
    await page.locator('.payload').waitFor();
    expect(new URL(page.url()).hash).toBe('#/feed?seq=11');
    await page.keyboard.press('j');
    await expect.poll(opened).toBe('purchased');
    await page.keyboard.press('Escape');
    await page.locator('.detail').waitFor({ state: 'detached' });
    await page.keyboard.press('/');
    await page.keyboard.type('wool');
    await page.getByText('1 of 13').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Help' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });
});

describe('on a phone', () => {
  it('an event covers the page, and the back button closes it', async () => {
    const { page, send, row } = await visit({ context: { viewport: { width: 390, height: 844 } } });
    await send('signed_up');
    await row('signed_up').click();
    await page.locator('.payload').waitFor();
    expect(await page.locator('.detail').boundingBox()).toEqual({ x: 0, y: 0, width: 390, height: 844 });
    await page.goBack();
    await page.locator('.detail').waitFor({ state: 'detached' });
    await row('signed_up').waitFor();
  });
});
