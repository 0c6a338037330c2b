// #region example
import '@verotrack/testing/vitest'; // or once, in a setup file
import { recordVero } from '@verotrack/testing';
import { beforeEach, expect, test } from 'vitest';
import { createApp, events } from '../src/create-app.ts';
import { adding, listen } from './listen.ts';

const recorder = recordVero({ events });
beforeEach(() => recorder.clear());

test('an item that is put into the cart is tracked', async () => {
  const url = await listen(createApp(recorder));

  await fetch(`${url}/cart/items`, adding('Blue shoes'));
  await recorder.flushRequests(); // the server may not know yet that its response has arrived

  expect(recorder).toHaveTracked('add_to_cart', {
    identity: { id: '42' },
    data: { item_name: 'Blue shoes' },
  });
});

test('an item that is sold out is not', async () => {
  const url = await listen(createApp(recorder).set('env', 'test'));

  await fetch(`${url}/cart/items`, adding('sold out'));
  await recorder.flushRequests();

  expect(recorder).toHaveTrackedNothing();
});
// #endregion
