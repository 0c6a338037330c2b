import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import type { AnyVero, Vero } from '@verotrack/core';
import { type Inspector, startInspector } from '@verotrack/inspector';
import { VERO } from '@verotrack/nestjs';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { userOf } from '../src/your-app.ts';
import { adding, listen } from './listen.ts';

let inspector: Inspector;

beforeAll(async () => {
  inspector = await startInspector();
  vi.stubEnv('VERO_AUTH_TOKEN', 'tok_secret_of_the_quick_start');
  vi.stubEnv('VERO_BASE_URL', inspector.url);
});
beforeEach(() => inspector.clear());
afterAll(() => inspector.close());

const added = {
  name: 'add_to_cart',
  identity: { id: '42', email: 'jane@example.com' },
  data: { item_name: 'Blue shoes' },
};

/** Adds an item that there is and one that there isn't. */
async function shop(url: string, path: string): Promise<number[]> {
  const statuses: number[] = [];
  for (const name of ['Blue shoes', 'sold out'])
    statuses.push((await fetch(url + path, adding(name))).status);
  return statuses;
}

async function serve(app: RequestListener, path: string, vero: AnyVero): Promise<number[]> {
  const statuses = await shop(await listen(app), path);
  await vero.close();
  return statuses;
}

describe('the applications of the READMEs emit the event of the request that succeeded', () => {
  test('on Express', async () => {
    const { app, vero } = await import('../src/express.ts');
    app.set('env', 'test');
    expect(await serve(app, '/cart/items', vero)).toEqual([201, 500]);
    expect(inspector.events()).toMatchObject([added]);
  });

  test('on Express with a catalogue', async () => {
    const { app, vero, strictVero, wrong } = await import('../src/catalogue.ts');
    const invalid: string[] = [];
    vero.on('invalid', ({ error }) => invalid.push(error.message));
    wrong();
    app.set('env', 'test');
    expect(await serve(app, '/cart/items', vero)).toEqual([201, 500]);
    await strictVero.close();
    expect(inspector.events().map(({ name }) => name)).toEqual(
      expect.arrayContaining(['signed_up', 'add_to_cart', 'logged_out', 'logged_out']),
    );
    expect(inspector.events().find(({ name }) => name === 'add_to_cart')).toMatchObject(added);
    expect(invalid).toEqual([
      'Invalid event "signd_up": name: is not in the catalogue. Did you mean "signed_up"?',
      `Invalid event "signed_up": data.plan: does not fit its schema (the error's issues say why)`,
    ]);
  });

  test('on NestJS', async () => {
    const { AppModule } = await import('../src/nest.ts');
    const app = await NestFactory.create(AppModule, { logger: false });
    await app.listen(0, '127.0.0.1');
    expect(await shop(await app.getUrl(), '/cart/items')).toEqual([201, 500]);
    await app.close();
    expect(inspector.events()).toMatchObject([added]);
    expect(app.get<Vero>(VERO).stats()).toMatchObject({ delivered: 1, pending: 0 });
  });

  test('with tRPC', async () => {
    const { router, vero } = await import('../src/trpc.ts');
    const handler = createHTTPHandler({
      router,
      createContext: ({ req, res }) => ({ user: userOf(req), res }),
    });
    expect(await serve(handler, '/addToCart', vero)).toEqual([200, 500]);
    expect(inspector.events()).toMatchObject([added]);
  });
});

test('the four ways to track differ in when they are sent', async () => {
  const { app, vero } = await import('../src/four-ways.ts');
  app.set('env', 'test');
  const skipped: string[] = [];
  vero.on('skipped', ({ name, reason }) => skipped.push(`${name}: ${reason}`));
  const url = await listen(app);
  await fetch(`${url}/orders`, adding('sold out'));
  await expect.poll(() => vero.stats().openScopes).toBe(0);
  await vero.flush();
  const names = () => inspector.events().map(({ name }) => name);
  expect(names().toSorted()).toEqual(['asked_for_receipt', 'began_order']);
  expect(skipped).toEqual(['ordered: failure']);
  inspector.clear();
  await fetch(`${url}/orders`, adding('Blue shoes'));
  await vero.close();
  expect(names().toSorted()).toEqual(['asked_for_receipt', 'began_order', 'ordered', 'reserved']);
});

test('the job of the README emits an event for each user whose work succeeded', async () => {
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  await import('../src/job.ts');
  expect(error.mock.calls).toEqual([['The billing service is down.']]);
  expect(inspector.events()).toMatchObject([
    { name: 'trial_ended', identity: added.identity, data: { plan: 'trial' } },
  ]);
});

test('the client of the README tracks, sends, tells and closes', async () => {
  const { mustHave, shutDown, vero, watch } = await import('../src/client.ts');
  const lines: string[] = [];
  watch((line) => lines.push(line));
  await mustHave();
  await vero.flush();
  inspector.failNext({ status: 400, body: 'no' });
  vero.track('refused', { identity: { id: '42' } });
  vero.track('refused', { identity: { id: '' } });
  await inspector.waitForEvents(2);
  await shutDown();
  vero.track('late', { identity: { id: '42' } });
  expect(lines).toEqual([
    'Invalid event "refused": identity.id: is an empty string; it must be a string that is not empty, or a finite number',
    'Vero refused refused: Vero answered 400: no',
    'late was given up: closed',
  ]);
  expect(
    inspector
      .events()
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(['add_to_cart', 'user_signed_up']);
  expect(inspector.events()[0]?.extras).toMatchObject({ source: 'shop' });
});

test('the client for volume of the README sends from a thread', async () => {
  const { vero } = await import('../src/volume.ts');
  vero.track('viewed_page', { identity: { id: '42' } });
  await inspector.waitForEvent('viewed_page');
  expect(await vero.close()).toMatchObject({ pending: 0, dropped: 0 });
});

test('the durable client of the README has its events in a file, and delivers them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'verotrack-quick-start-'));
  const before = process.cwd();
  process.chdir(folder);
  try {
    const { vero } = await import('../src/durable.ts');
    await inspector.waitForEvent('add_to_cart');
    expect(await vero.close()).toMatchObject({ pending: 0, dropped: 0 });
    expect(existsSync(join(folder, 'vero.db'))).toBe(true);
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  }
});
