import { describe, expect, it } from 'vitest';
import { Child } from '../../test-helpers/child.ts';

describe('pnpm demo', () => {
  it('prints what came of each request, and ends by itself with exit code 0', {
    timeout: 30_000,
  }, async () => {
    const demo = new Child('demo/demo.ts');

    expect(await demo.exit).toBe(0);

    const rows = demo.output.split('\n').map((line) => line.split(/ {2,}/));
    expect(rows).toContainEqual(['express', 'POST /signup', '201', 'signed_up by user 1']);
    expect(rows).toContainEqual([
      'express',
      'POST /purchase, the card is declined',
      '303',
      'no purchased: cancelled',
    ]);
    expect(rows).toContainEqual([
      'nest',
      'GET /recommendations, the handler throws',
      '500',
      'no viewed_recommendations: failure',
    ]);
    expect(rows).toContainEqual([
      'trpc',
      'POST /addToCart,addToCart, one call fails',
      '207',
      'add_to_cart by user 1 {"item_name":"Straw hat","price":25}; no add_to_cart: failure',
    ]);
    expect(rows).toContainEqual([
      'trpc',
      'GET /exportCatalogue, left half-way',
      '200, aborted',
      'no exported_catalogue: aborted',
    ]);
    expect(demo.output).toContain('27 requests, all as expected');
    expect(demo.output.includes('tok_secret_')).toBe(false);
  });
});
