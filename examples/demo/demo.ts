/**
 * Sends a visitor through the three shops, and shows what a local Vero receives of it.
 * Exits with 1 when that is not what is expected here.
 */
import { startInspector } from '@verotrack/inspector';
import { openShops } from './src/shops.ts';
import { compare, formatTable, type Row } from './src/table.ts';
import { visit } from './src/visit.ts';

// biome-ignore format: a table is easier to read with a row on each line
const expected: readonly Row[] = [
  ['express', 'POST /signup', '201', 'signed_up by user 1'],
  ['express', 'POST /signup, the address is taken', '409', 'no signed_up: failure'],
  ['express', 'POST /login', '200', 'logged_in by user 1'],
  ['express', 'POST /cart/items', '201', 'add_to_cart by user 1 {"item_name":"Blue shoes","price":59}'],
  ['express', 'GET /cart', '200', 'viewed_cart by user 1'],
  ['express', 'POST /purchase', '303', 'purchased by user 1 {"order_id":"1","items":1,"total":59}'],
  ['express', 'POST /cart/items', '201', 'add_to_cart by user 1 {"item_name":"Straw hat","price":25}'],
  ['express', 'POST /purchase, the card is declined', '303', 'no purchased: cancelled'],
  ['express', 'GET /recommendations, the handler throws', '500', 'no viewed_recommendations: failure'],
  ['express', 'GET /catalogue/export, left half-way', '200, aborted', 'no exported_catalogue: aborted'],
  ['nest', 'POST /signup', '201', 'signed_up by user 1'],
  ['nest', 'POST /signup, the address is taken', '409', 'no signed_up: failure'],
  ['nest', 'POST /login', '200', 'logged_in by user 1'],
  ['nest', 'POST /cart/items', '201', 'add_to_cart by user 1 {"item_name":"Blue shoes","price":59}'],
  ['nest', 'GET /cart', '200', 'viewed_cart by user 1'],
  ['nest', 'POST /purchase', '201', 'purchased by user 1 {"order_id":"1","items":1,"total":59}'],
  ['nest', 'GET /recommendations, the handler throws', '500', 'no viewed_recommendations: failure'],
  ['nest', 'GET /catalogue/export, left half-way', '200, aborted', 'no exported_catalogue: aborted'],
  ['trpc', 'POST /signUp', '200', 'signed_up by user 1'],
  ['trpc', 'POST /signUp, the address is taken', '409', 'no signed_up: failure'],
  ['trpc', 'POST /logIn', '200', 'logged_in by user 1'],
  ['trpc', 'POST /addToCart', '200', 'add_to_cart by user 1 {"item_name":"Blue shoes","price":59}'],
  ['trpc', 'POST /addToCart,addToCart, one call fails', '207', 'add_to_cart by user 1 {"item_name":"Straw hat","price":25}; no add_to_cart: failure'],
  ['trpc', 'GET /cart', '200', 'viewed_cart by user 1'],
  ['trpc', 'POST /purchase', '200', 'purchased by user 1 {"order_id":"1","items":2,"total":84}'],
  ['trpc', 'GET /recommendations, the handler throws', '500', 'no viewed_recommendations: failure'],
  ['trpc', 'GET /exportCatalogue, left half-way', '200, aborted', 'no exported_catalogue: aborted'],
];

const inspector = await startInspector();
const rows: Row[] = [];
for (const shop of await openShops(inspector.url)) rows.push(...(await visit(shop, inspector)));
await inspector.close();

console.log(formatTable(rows));
const problems = compare(rows, expected);
for (const problem of problems) console.error(problem);
console.log(
  `\n${rows.length} requests, ${problems.length === 0 ? 'all as expected' : 'not all as expected'}`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
