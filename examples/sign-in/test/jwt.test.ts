import { randomBytes } from 'node:crypto';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AnyVero } from '@verotrack/core';
import { VERO } from '@verotrack/nestjs';
import { SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, describe, expect, test } from 'vitest';
import { signingKey } from '../src/your-app.ts';
import { localVero, type Outcome } from './local-vero.ts';
import { listen, Visitor } from './visitor.ts';

const claims = { sub: '42', email: 'jane@example.com', iss: 'https://shop.example', aud: 'api' };
const signed = (changed: object = {}, key = signingKey) =>
  new SignJWT({ ...claims, exp: Math.floor(Date.now() / 1_000) + 60, ...changed })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(key);

const refused: Record<string, () => Promise<string> | string> = {
  'signed with another key': () => signed({}, randomBytes(32)),
  'not signed': () => new UnsecuredJWT(claims).encode(),
  'too old': () => signed({ exp: 1 }),
  'for somebody else': () => signed({ aud: 'another-api' }),
  'without a subject': () => signed({ sub: undefined }),
};

async function nestApp(): Promise<INestApplication> {
  const { AppModule } = await import('../src/jwt-nest.ts');
  const app = await NestFactory.create(AppModule, { logger: false });
  await app.listen(0, '127.0.0.1');
  return app;
}

function describeTracking(outcome: () => Promise<Outcome>, urlOf: () => Promise<string>): void {
  const add = async (headers: Record<string, string>): Promise<number> =>
    (await new Visitor(await urlOf()).post('/cart/items', { name: 'Blue shoes' }, headers)).status;

  test('what the bearer of a token does is tracked as the subject of the token', async () => {
    expect(await add({ authorization: `Bearer ${await signed()}`, 'x-user-id': '43' })).toBe(201);

    expect(await outcome()).toEqual({
      received: [
        {
          name: 'add_to_cart',
          identity: { id: '42', email: 'jane@example.com' },
          data: { item_name: 'Blue shoes' },
        },
      ],
      skipped: [],
    });
  });

  test.each(Object.entries(refused))('a token that is %s is nobody', async (_, token) => {
    expect(await add({ authorization: `Bearer ${await token()}` })).toBe(401);

    expect((await outcome()).received).toEqual([]);
  });

  test('a header that only says who it is is nobody', async () => {
    expect(await add({ authorization: '42', 'x-user-id': '42' })).toBe(401);

    expect((await outcome()).received).toEqual([]);
  });
}

describe('with JWTs on Express', () => {
  const load = () => import('../src/jwt-express.ts');
  const { outcome } = localVero(async () => (await load()).vero);
  describeTracking(outcome, async () => listen((await load()).app));
});

describe('with JWTs on NestJS', () => {
  let app: INestApplication;
  const { outcome } = localVero(async () => {
    app = await nestApp();
    return app.get<AnyVero>(VERO);
  });
  afterAll(() => app.close());
  describeTracking(outcome, () => app.getUrl());
});
