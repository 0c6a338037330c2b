import '@verotrack/testing/vitest';
import { recordVero } from '@verotrack/testing';
import { expect, test } from 'vitest';
import { addToCart } from '../src/your-app.ts';

// #region scope
test('a service tracks what its caller succeeds with', async () => {
  const recorder = recordVero();

  await recorder.run({ identity: { id: '42' } }, async () => {
    addToCart({ name: 'Blue shoes', price: 40 });
    recorder.trackOnSuccess('add_to_cart', { data: { item_name: 'Blue shoes' } });
  });
  await recorder.flushRequests();

  expect(recorder).toHaveTrackedTimes('add_to_cart', 1, { data: { item_name: expect.any(String) } });
});
// #endregion
