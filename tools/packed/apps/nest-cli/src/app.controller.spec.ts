import { Test } from '@nestjs/testing';
import { recordVero, replaceVero } from '@verotrack/testing';
import '@verotrack/testing/vitest-4';
import { AppController } from './app.controller.js';
import { AppModule } from './app.module.js';

describe('AppController', () => {
  it('tracks in a unit test', async () => {
    const recorder = recordVero();
    const builder = Test.createTestingModule({ imports: [AppModule] });
    const app = await replaceVero(builder, recorder).compile();

    app.get(AppController).goodbye();

    expect(recorder).toHaveTracked('logged_out', { identity: { id: '42' } });
    expect(recorder).not.toHaveTracked('add_to_cart');
  });
});
