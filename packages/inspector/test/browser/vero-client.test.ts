import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { Tracker } from '@getvero/tracking';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newContext, useBrowser, visit } from './visit.ts';

useBrowser();

/** What its browser build puts on the window. */
interface VeroWindow {
  readonly vero: { readonly tracker: Tracker & { readonly init: (options: object) => void } };
}

const CLIENT = join(dirname(createRequire(import.meta.url).resolve('@getvero/tracking')), 'index.window.js');

/** A website on another origin than the inspector, with Vero's own client on it. */
async function startWebsite(): Promise<string> {
  const script = await readFile(CLIENT);
  const server = createServer((req, res) => {
    if (req.url === '/vero.js') return res.setHeader('content-type', 'text/javascript').end(script);
    res.setHeader('content-type', 'text/html').end('<!doctype html><script src="/vero.js"></script>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/?vero_conv=conversion-7`;
}

describe("Vero's own client, on a website of another origin", () => {
  it('delivers what it identifies and tracks, and the page shows it', async () => {
    const { inspector, row, page } = await visit();
    const website = await (await newContext()).newPage();
    await website.goto(await startWebsite());
    await website.evaluate(async (url) => {
      const { vero } = globalThis as unknown as VeroWindow;
      vero.tracker.init({ trackingApiKey: 'tok_secret_website', trackingApiBaseUrl: url });
      await vero.tracker.user.identify({ id: '7', email: 'jane@example.com', data: { plan: 'pro' } });
      await vero.tracker.event.track({ eventName: 'Viewed Product', data: { product: 'Blue shoes' } });
      await vero.tracker.tag.edit({ add: ['from-web'] });
    }, inspector.url);
    await row('Viewed Product').waitFor();
    await expect.poll(() => row('Viewed Product').textContent()).toContain('jane@example.com');
    expect(inspector.events()).toMatchObject([
      { name: 'Visited site' },
      { name: 'Viewed Product', data: { product: 'Blue shoes' }, credential: '…site' },
    ]);
    await row('Viewed Product').click();
    await page.locator('.payload', { hasText: '"vero_conv": "conversion-7"' }).waitFor();
    expect(await page.locator('body').textContent()).not.toContain('tok_secret_');
    await page.getByRole('link', { name: /^See everything/ }).click();
    await page.locator('.person .tag', { hasText: 'from-web' }).waitFor();
    await page.locator('.attributes', { hasText: 'plan' }).waitFor();
  });
});
