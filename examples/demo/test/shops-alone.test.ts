import { startInspector } from '@verotrack/inspector';
import { describe, expect, it } from 'vitest';
import { Child } from '../../test-helpers/child.ts';

const jane = { email: 'jane@example.com', password: 'tok_secret_of_jane' };

describe('a shop by itself', { timeout: 30_000 }, () => {
  it.each([
    ['express-shop/src/main.ts', '/signup', []],
    ['nest-shop/src/main.ts', '/signup', ['--import', '@oxc-node/core/register']],
    ['trpc-shop/src/main.ts', '/signUp', []],
  ])('delivers the event of its last request before it ends: %s', async (file, path, options) => {
    await using inspector = await startInspector();
    const env = { VERO_AUTH_TOKEN: 'tok_secret_shop', VERO_BASE_URL: inspector.url, PORT: '0' };
    const shop = new Child(file, env, options);
    const [, url] = await shop.printed(/^The shop is at (\S+)$/m);
    // Slow enough for the shop to be told to end while the event is on its way.
    inspector.failNext({ delayMs: 300 });

    const headers = { 'content-type': 'application/json' };
    await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(jane) });
    shop.process.kill('SIGTERM');

    expect(await shop.exit).toBe(0);
    expect(inspector.events().map(({ name }) => name)).toEqual(['signed_up']);
    expect(shop.output.includes('tok_secret_')).toBe(false);
  });
});
