export { listen } from '../../test-helpers/listen.ts';

/** What a visitor sends who puts something into the cart. */
export const adding = (name: string): RequestInit => ({
  method: 'POST',
  headers: { authorization: '42', 'content-type': 'application/json' },
  body: JSON.stringify({ name, price: 40 }),
});
