import { type InspectorOptions, startInspector } from '@verotrack/inspector';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { launchBrowser } from './browser.ts';

let browser: Browser | undefined;

/** One browser for the tests of a file. */
export function useBrowser(): void {
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());
}

export interface Visit {
  readonly page: Page;
  readonly inspector: Awaited<ReturnType<typeof startInspector>>;
  /** What no page should do: dialogs, uncaught errors, violations of the Content-Security-Policy. */
  readonly problems: string[];
  /** Sends an event over HTTP. @returns the status */
  readonly send: (name: string, more?: Sent) => Promise<number>;
  /** Any other request to the Track API. */
  readonly call: (method: string, path: string, body: object) => Promise<number>;
  readonly goTo: (hash: string) => Promise<void>;
  readonly row: (text: string) => Locator;
}

export interface Sent {
  readonly identity?: object;
  readonly data?: object;
  readonly extras?: object;
  readonly development_mode?: boolean;
}

/** Opens the page of an inspector of its own. Any problem fails the test. */
export async function visit(
  options: {
    readonly inspector?: InspectorOptions;
    readonly context?: BrowserContextOptions;
    readonly hash?: string;
  } = {},
): Promise<Visit> {
  const inspector = await startInspector(options.inspector);
  onTestFinished(() => inspector.close());
  const context = await newContext(options.context);
  const page = await context.newPage();
  const problems = watch(page);
  onTestFinished(() => expect(problems).toEqual([]));
  const call = async (method: string, path: string, body: object): Promise<number> => {
    const response = await fetch(`${inspector.url}/api/v2/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ auth_token: 'tok_secret_browser', ...body }),
    });
    await response.text();
    return response.status;
  };
  await page.goto(`${inspector.url}/${options.hash ?? ''}`);
  return {
    page,
    inspector,
    problems,
    call,
    send: (name, more = {}) =>
      call('POST', 'events/track', { event_name: name, identity: { id: '1' }, ...more }),
    goTo: async (hash) => {
      await page.evaluate((to) => {
        location.hash = to;
      }, hash);
    },
    row: (text) => page.locator('.feed-rows .row', { hasText: text }),
  };
}

/** Starts an inspector where another one was. */
export async function startAt(url: string, options: InspectorOptions = {}): Promise<void> {
  const inspector = await startInspector({ ...options, port: Number(new URL(url).port) });
  onTestFinished(() => inspector.close());
}

export async function newContext(options: BrowserContextOptions = {}): ReturnType<Browser['newContext']> {
  if (!browser) throw new Error('The browser is not there yet: call useBrowser() in the file.');
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  onTestFinished(() => context.close());
  return context;
}

function watch(page: Page): string[] {
  const problems: string[] = [];
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    // An answer of 400 and more that the page shows is no problem of the page.
    const isAnswer = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isAnswer) problems.push(`console: ${message.text()}`);
  });
  return problems;
}
