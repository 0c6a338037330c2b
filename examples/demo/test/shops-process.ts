/** The three shops in a process of their own, until its parent is no more. */
import { openShops } from '../src/shops.ts';

process.once('disconnect', () => process.exit());

const shops = await openShops(process.env.VERO_BASE_URL ?? '');
process.send?.(Object.fromEntries(shops.map(({ framework, url }) => [framework, url])));
