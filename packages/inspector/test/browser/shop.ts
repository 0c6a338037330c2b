import type { Visit } from './visit.ts';

const NAMES = [
  'viewed_item',
  'add_to_cart',
  'signed_up',
  'purchased',
  'invited_friend',
  'searched',
  'logged_in',
];
const ITEMS = ['Blue shoes', 'Rain jacket', 'Wool socks', 'Canvas bag'];
const PEOPLE = ['Jane', 'Amir', 'Lucía', 'Chidi', 'Mei', 'Tom'];

/** A few of everything that the page has to show. */
export async function sendAFew(visit: Visit): Promise<void> {
  const { send, call, inspector } = visit;
  const jane = { id: '1', email: 'janedoe@getvero.com', name: 'Jane', age: 34, plan: 'free' };
  const amir = { id: '2', email: 'amir@example.com', name: 'Amir' };
  await send('signed_up', { identity: jane, extras: { source: 'express-shop' } });
  await send('Signed Up', { identity: amir, extras: { source: 'nest-shop' } });
  const shoes = { item_name: 'Blue shoes', item_price: 40 };
  await send('add_to_cart', { identity: { id: '1' }, data: shoes, extras: { source: 'express-shop' } });
  await call('PUT', 'users/tags/edit', { id: '1', add: ['beta', 'newsletter'] });
  await call('PUT', 'users/edit', { id: '1', changes: { plan: 'pro' } });
  await call('POST', 'users/unsubscribe', { id: '2' });
  await send('add_to_cart', { identity: amir, data: { item_name: 'Wool socks', item_price: 9.5 } });
  await send('purchased', {
    identity: { id: '1' },
    data: { order: { id: 'o-1', total: 40, lines: [shoes] }, coupon: null, is_gift: false },
    extras: { source: 'trpc-shop', created_at: new Date(Date.now() - 180_000).toISOString() },
  });
  await send('viewed_item', { identity: { id: 'dev-1', name: 'Me' }, data: shoes, development_mode: true });
  await send('purchased', { identity: { email: 'not an address' } });
  inspector.failNext({ status: 429, headers: { 'retry-after': 30 } });
  await send('viewed_item', { identity: amir, data: { item_name: 'Rain jacket' } });
  await send('viewed_item', { identity: amir, data: { item_name: 'Rain jacket' } });
  await send('searched', { identity: jane, data: { term: 'a pair of shoes for rainy days, size 42' } });
}

/** As many as servers under load would send. The last one is `last_event`. */
export async function sendMany({ send }: Visit, count: number): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count - 1) {
      const index = next;
      next += 1;
      const name = NAMES[(index * index) % NAMES.length] ?? '';
      const person = index % 97;
      await send(name, {
        identity: {
          id: `u-${person}`,
          email: `${PEOPLE[person % PEOPLE.length]?.toLowerCase()}.${person}@example.com`,
        },
        data: { item_name: ITEMS[index % ITEMS.length], item_price: (index % 90) + 0.5, index },
        extras: { source: ['express-shop', 'nest-shop', 'trpc-shop'][index % 3] },
      });
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  await send('last_event', { identity: { id: 'u-last' }, data: { index: count } });
}
