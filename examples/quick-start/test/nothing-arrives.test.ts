/** The messages in "What if nothing arrives" are those that one sees. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Controller, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { initTRPC } from '@trpc/server';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { createVero, type Identity, type Vero } from '@verotrack/core';
import { expressTracking } from '@verotrack/express';
import { type Inspector, startInspector } from '@verotrack/inspector';
import { TrackEvent, VeroModule } from '@verotrack/nestjs';
import { trpcTracking } from '@verotrack/trpc';
import express from 'express';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { watch } from '../src/getting-started/watch.ts';
import { listen } from './listen.ts';

/** What goes wrong in an application that tracks `add_to_cart`. */
interface Trouble {
  readonly identify?: () => Identity | undefined;
  readonly data?: () => never;
}

/** Does with each framework what should have an event. */
const doIt: Record<string, (vero: Vero, trouble: Trouble) => Promise<void>> = {
  express: async (vero, { data, identify = someone }) => {
    const { trackEvent } = expressTracking(vero, { identify });
    const app = express();
    app.post('/cart/items', trackEvent('add_to_cart', { data }), (_req, res) => void res.end());
    await fetch(`${await listen(app)}/cart/items`, { method: 'POST' });
  },
  nestjs: async (vero, { data, identify = someone }) => {
    @Controller('cart')
    class CartController {
      @Post('items')
      @TrackEvent('add_to_cart', { data })
      add(): void {}
    }
    @Module({
      imports: [VeroModule.forRoot({ client: vero, identify })],
      controllers: [CartController],
    })
    class AppModule {}
    const app = await NestFactory.create(AppModule, { logger: false });
    await app.listen(0, '127.0.0.1');
    await fetch(`${await app.getUrl()}/cart/items`, { method: 'POST' });
    await app.close();
  },
  trpc: async (vero, { data, identify = someone }) => {
    const { trackEvent } = trpcTracking(vero, { identify });
    const t = initTRPC.create();
    const add = t.procedure.use(trackEvent('add_to_cart', { data })).mutation(() => 'added');
    const handler = createHTTPHandler({ router: t.router({ addToCart: add }) });
    const headers = { 'content-type': 'application/json' };
    await fetch(`${await listen(handler)}/addToCart`, { method: 'POST', headers });
  },
  'any-framework': async (vero, { identify = someone }) => {
    vero.run({ identity: identify() }, () => vero.trackOnSuccess('add_to_cart'));
  },
};

const someone = (): Identity => ({ id: '42' });
const withoutId = () => ({ email: 'jane@example.com' }) as unknown as Identity;
const failing = (): never => {
  throw new Error('Cannot read properties of undefined');
};

let inspector: Inspector;
let said: string[];

beforeAll(async () => {
  inspector = await startInspector();
});
beforeEach(() => {
  said = [];
  vi.stubEnv('VERO_BASE_URL', inspector.url);
  vi.stubEnv('VERO_AUTH_TOKEN', 'tok_secret_any');
  vi.spyOn(process, 'emitWarning').mockImplementation((message, options) => {
    const { code, type } = options as unknown as { code: string; type: string };
    if (type === 'VerotrackWarning') said.push(`[${code}] ${type}: ${message}`);
  });
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => inspector.close());

/** Waits for what a client says of its trouble. */
async function hear(act: (vero: Vero) => unknown): Promise<void> {
  const before = said.length;
  const vero = createVero();
  await act(vero);
  await expect.poll(() => said.length).toBeGreaterThan(before);
  await vero.close({ timeout: 50 });
}

async function hearOfStatus(status: number): Promise<void> {
  const recover = inspector.fail({ status });
  await hear((vero) => vero.track('add_to_cart', { identity: someone() }));
  recover();
}

async function hearOfNobodyThere(): Promise<void> {
  vi.stubEnv('VERO_BASE_URL', 'http://127.0.0.1:1');
  const now = Date.now;
  await hear((vero) => {
    vero.track('add_to_cart', { identity: someone() });
    vi.spyOn(Date, 'now').mockImplementation(() => now() + 6_000);
  });
  vi.mocked(Date.now).mockRestore();
  vi.stubEnv('VERO_BASE_URL', inspector.url);
}

async function hearOfNoToken(page: string): Promise<void> {
  vi.stubEnv('VERO_AUTH_TOKEN', '');
  if (page !== 'nestjs') {
    said.push(messageOf(() => createVero()));
    return;
  }
  @Module({ imports: [VeroModule.forRoot()] })
  class AppModule {}
  const starting = NestFactory.create(AppModule, { logger: false, abortOnError: false });
  await starting.catch((error: Error) => said.push(error.message));
}

async function hearOfMisplaced(): Promise<void> {
  class OrdersGateway {
    @TrackEvent('ordered')
    place(): void {}
  }
  @Module({ imports: [VeroModule.forRoot()], providers: [OrdersGateway] })
  class AppModule {}
  const warn = (message: string, context: string) => said.push(`[${context}] ${message}`);
  const logger = { log: () => {}, error: () => {}, warn };
  const app = await NestFactory.createApplicationContext(AppModule, { logger });
  await app.close();
}

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (thrown) {
    return (thrown as Error).message;
  }
  return '';
}

/** The first column of the page's table, without the row for silence. */
function messagesOn(page: string): string[] {
  const path = join(import.meta.dirname, '../../../docs/getting-started', `${page}.md`);
  return [...readFileSync(path, 'utf8').matchAll(/^\| `(.+?)` \|/gm)].map(([, message = '']) => message);
}

describe('the messages on the page for', () => {
  test.each(Object.entries(doIt))('%s are those that one sees', async (page, act) => {
    await hear((vero) => act(vero, { identify: () => undefined }));
    await hear((vero) => act(vero, { identify: withoutId }));
    if (page === 'any-framework') await hear((vero) => vero.trackOnSuccess('add_to_cart'));
    else await hear((vero) => act(vero, { data: failing }));
    await hearOfStatus(401);
    await hearOfStatus(404);
    await hearOfNobodyThere();
    if (page === 'nestjs') await hearOfMisplaced();
    await hearOfNoToken(page);

    const messages = messagesOn(page);
    expect(messages.length).toBeGreaterThanOrEqual(7);
    const seen = messages.map((message) => {
      const [start = ''] = message.split('…');
      return said.some((line) => line.startsWith(start)) ? message : `nobody says: ${message}`;
    });
    expect(seen).toEqual(messages);
  });
});

test('who listens hears of what is skipped, tried again and delivered', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const vero = createVero({ delivery: { retry: { baseMs: 1 } } });
  watch(vero);
  inspector.failNext({ status: 500 });
  vero.run({ identity: null }, () => vero.trackOnSuccess('add_to_cart'));
  vero.track('add_to_cart', { identity: someone() });
  await vero.close();
  expect(log.mock.calls.flat()).toEqual([
    'add_to_cart skipped: no-identity (undefined)',
    expect.stringMatching(/^add_to_cart is tried again: Vero answered 500/),
    'add_to_cart delivered',
  ]);
});
