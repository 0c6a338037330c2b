import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AnyVero } from '@verotrack/core';
import { VERO } from '@verotrack/nestjs';
import {
  type CryptoKey,
  exportJWK,
  exportSPKI,
  type GenerateKeyPairResult,
  generateKeyPair,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { listen, type Site, serve } from '../../test-helpers/listen.ts';
import { type Outcome, trackingApplication } from './tracking-application.ts';
import { Visitor } from './visitor.ts';

const claims = {
  sub: '42',
  email: 'jane@example.com',
  iss: 'https://id.shop.example',
  aud: 'https://api.shop.example',
};

let pair: GenerateKeyPairResult;
let provider: Site;

beforeAll(async () => {
  pair = await generateKeyPair('ES256');
  const keys = [{ ...(await exportJWK(pair.publicKey)), alg: 'ES256', kid: 'now' }];
  provider = await serve((_req, res) => {
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
  });
  vi.stubEnv('JWKS_URL', `${provider.url}/.well-known/jwks.json`);
});
afterAll(() => provider.close());

function signed(changed: object = {}, alg = 'ES256', key: CryptoKey | Uint8Array = pair.privateKey) {
  const inAMinute = Math.floor(Date.now() / 1_000) + 60;
  return new SignJWT({ ...claims, exp: inAMinute, ...changed })
    .setProtectedHeader({ alg, kid: 'now' })
    .sign(key);
}

const refused: Record<string, () => Promise<string> | string> = {
  'signed with another key': async () => signed({}, 'ES256', (await generateKeyPair('ES256')).privateKey),
  'signed with the public key, as if that were a secret': async () =>
    signed({}, 'HS256', new TextEncoder().encode(await exportSPKI(pair.publicKey))),
  'not signed': () => new UnsecuredJWT(claims).encode(),
  'too old': () => signed({ exp: 1 }),
  'valid for ever': () => signed({ exp: undefined }),
  'of another issuer': () => signed({ iss: 'https://id.example' }),
  'for somebody else': () => signed({ aud: 'https://another.example' }),
  'of nobody': () => signed({ sub: undefined }),
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
  const { outcome } = trackingApplication(async () => (await load()).vero);
  describeTracking(outcome, async () => listen((await load()).app));
});

describe('with JWTs on NestJS', () => {
  let app: INestApplication;
  const { outcome } = trackingApplication(async () => {
    app = await nestApp();
    return app.get<AnyVero>(VERO);
  });
  afterAll(() => app.close());
  describeTracking(outcome, () => app.getUrl());
});
