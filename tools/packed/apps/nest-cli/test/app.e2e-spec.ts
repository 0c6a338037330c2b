import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { type Inspector, startInspector } from '@verotrack/inspector';
import request from 'supertest';
import type { App } from 'supertest/types.js';
import { AppModule } from './../src/app.module.js';

describe('AppController (e2e)', () => {
  let inspector: Inspector;
  let app: INestApplication<App>;

  beforeEach(async () => {
    inspector = await startInspector();
    process.env.VERO_AUTH_TOKEN = 'tok_secret_of_the_app';
    process.env.VERO_BASE_URL = inspector.url;
    const moduleFixture = await Test.createTestingModule({ imports: [AppModule] }).compile();
    app = moduleFixture.createNestApplication();
    await app.init();
  });

  afterEach(async () => {
    await app.close();
    await inspector.close();
  });

  it('tracks a request that succeeded', async () => {
    await request(app.getHttpServer())
      .post('/cart/items')
      .set('authorization', '42')
      .send({ name: 'Blue shoes' })
      .expect(201);
    const event = await inspector.waitForEvent('add_to_cart');
    expect(event.identity).toEqual({ id: '42', email: 'jane@example.com' });
    expect(event.data).toEqual({ item_name: 'Blue shoes' });
  });
});
