import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { sendAFew } from './shop.ts';
import { useBrowser, visit } from './visit.ts';

useBrowser();

describe('what was received', () => {
  it('is cleared after a question', async () => {
    const { page, send, row, inspector } = await visit();
    await send('signed_up');
    await row('signed_up').waitFor();
    await page.getByRole('button', { name: 'Clear everything' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(inspector.events()).toHaveLength(1);
    await page.getByRole('button', { name: 'Clear everything' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Clear everything' }).click();
    await page.getByText('Waiting for the first event').waitFor();
    expect(inspector.events()).toEqual([]);
  });

  it('is exported, and imported elsewhere, without a credential', async () => {
    const here = await visit();
    await sendAFew(here);
    await here.row('searched').waitFor();
    const download = here.page.waitForEvent('download');
    await here.page.getByRole('link', { name: 'Export as NDJSON' }).click();
    const file = await (await download).path();
    expect(await readFile(file, 'utf8')).not.toContain('tok_secret_');

    const there = await visit();
    await there.page.getByLabel('NDJSON file to import').setInputFiles(file);
    await there.page.getByRole('dialog', { name: 'Import' }).waitFor();
    await there.page.getByText(/^\d+ lines imported\.$/).waitFor();
    await there.page.getByRole('button', { name: 'Close' }).click();
    await there.page.getByText('13 received').waitFor();
    const lines = '.row .line-name';
    await expect
      .poll(() => there.page.locator(lines).allTextContents())
      .toEqual(await here.page.locator(lines).allTextContents());
  });

  it('is imported as far as it can be, and what was wrong is said by line', async () => {
    const { page } = await visit();
    await page.getByLabel('NDJSON file to import').setInputFiles({
      name: 'broken.ndjson',
      mimeType: 'application/x-ndjson',
      buffer: Buffer.from('{"not json\n<img src=x onerror=alert(1)>\n'),
    });
    await page.getByText('0 lines imported, 2 lines not:').waitFor();
    await expect
      .poll(() => page.locator('.import-problems strong').allTextContents())
      .toEqual(['Line 1', 'Line 2']);
  });
});
