// Node only strips types; this understands Nest's decorators, too, in whatever is imported after it.
import '@oxc-node/core/register';
import { createVero } from '@verotrack/core';
import { events, identity, type ShopVero } from '@verotrack/example-shop';

export type Framework = 'express' | 'nest' | 'trpc';

/** A shop that is open, with a client of its own. */
export interface OpenShop {
  readonly framework: Framework;
  readonly url: string;
  readonly vero: ShopVero;
  /** Closes the shop, then its client, which may take `timeoutMs` to deliver what is left. */
  close(timeoutMs?: number): Promise<void>;
}

/**
 * Opens the three shops on free ports. Their events go to the Vero at `baseUrl`, with the framework as their source, each
 * to an account of its own: in one, Vero would take the same user's same event for a duplicate.
 */
export async function openShops(baseUrl: string, account = 'demo'): Promise<readonly OpenShop[]> {
  const modules = {
    express: await import('@verotrack/example-express-shop'),
    nest: await import('@verotrack/example-nest-shop'),
    trpc: await import('@verotrack/example-trpc-shop'),
  };
  const open = async (framework: Framework): Promise<OpenShop> => {
    const vero = createVero({
      events,
      identity,
      authToken: `tok_secret_${account}_${framework}`,
      baseUrl,
      source: framework,
    });
    const shop = await modules[framework].startShop({ vero });
    const close = async (timeoutMs = 5_000) => {
      // Requests first: their events are still to come.
      await shop.close();
      await vero.close({ timeout: timeoutMs });
    };
    return { framework, url: shop.url, vero, close };
  };
  return Promise.all((['express', 'nest', 'trpc'] as const).map(open));
}
