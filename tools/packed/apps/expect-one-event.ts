import assert from 'node:assert/strict';
import { startInspector } from '@verotrack/inspector';

/** Lets an application work against a local Vero, in which its one event then has to be. */
export async function expectOneEvent(work: () => Promise<void>): Promise<void> {
  const inspector = await startInspector();
  process.env.VERO_AUTH_TOKEN = 'tok_secret_of_the_app';
  process.env.VERO_BASE_URL = inspector.url;
  await work();
  const events = inspector.events().map(({ name, identity, data }) => ({ name, identity, data }));
  await inspector.close();
  assert.deepEqual(events, [
    {
      name: 'add_to_cart',
      identity: { id: '42', email: 'jane@example.com' },
      data: { item_name: 'Blue shoes' },
    },
  ]);
  console.log('one event arrived');
}

/** What a visitor sends who puts something into the cart. */
export const addingShoes: RequestInit = {
  method: 'POST',
  headers: { authorization: '42', 'content-type': 'application/json' },
  body: JSON.stringify({ name: 'Blue shoes' }),
};
