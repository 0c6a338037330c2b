// #region example
import '@verotrack/testing/vitest';
import { Test } from '@nestjs/testing';
import { recordVero, replaceVero } from '@verotrack/testing';
import { expect, test } from 'vitest';
import { AppModule } from '../src/nest.ts';
import { adding } from './listen.ts';

test('an item that is put into the cart is tracked', async () => {
  const recorder = recordVero();
  const builder = Test.createTestingModule({ imports: [AppModule] });
  const module = await replaceVero(builder, recorder).compile(); // no token is needed
  const app = module.createNestApplication({ logger: false });
  await app.listen(0);

  await fetch(`${await app.getUrl()}/cart/items`, adding('Blue shoes'));
  await recorder.flushRequests();
  await app.close();

  expect(recorder).toHaveTracked('add_to_cart', { identity: { id: '42' } });
});
// #endregion
