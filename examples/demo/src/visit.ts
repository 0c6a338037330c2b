import type { Inspector } from '@verotrack/inspector';
import { Outcomes } from './outcomes.ts';
import type { OpenShop } from './shops.ts';
import type { Row } from './table.ts';
import { script, Visitor } from './visitor.ts';

/** Sends the visitor through a shop, and closes it. */
export async function visit(shop: OpenShop, inspector: Inspector): Promise<readonly Row[]> {
  const { framework } = shop;
  const visitor = new Visitor(shop.url);
  const outcomes = new Outcomes(shop, inspector);
  const rows: Row[] = [];
  for (const step of script[framework]) {
    const { method, path, note } = step;
    const { status, isAborted } = await visitor.take(step);
    const answer = `${status}${isAborted ? ', aborted' : ''}`;
    const route = `${method} ${path.split('?', 1)}`;
    rows.push([framework, note ? `${route}, ${note}` : route, answer, await outcomes.next()]);
  }
  await shop.close();
  // What comes late belongs to no request, and shows as a row that should not be there.
  const rest = outcomes.rest();
  return rest ? [...rows, [framework, 'afterwards', '', rest]] : rows;
}
