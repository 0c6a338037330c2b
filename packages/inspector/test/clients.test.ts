import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Inspector } from '../src/index.ts';
import { SEED_ADD_TO_CART, SEED_SIGN_UP, start } from './client.ts';
import { entries, lastEntry } from './page-client.ts';

const KEY = 'tok_secret_vero_client_0007';
const run = promisify(execFile);
// As Node loads it. Vitest would ask its one instance for properties before it is ready.
const { Tracker, default: tracker } = createRequire(import.meta.url)(
  '@getvero/tracking',
) as typeof import('@getvero/tracking');

describe("Vero's own client", () => {
  const connect = (inspector: Inspector) =>
    new Tracker({ trackingApiKey: KEY, trackingApiBaseUrl: inspector.url });
  const identity = { userId: '1', email: 'janedoe@getvero.com' };

  it('tracks events', async () => {
    const inspector = await start({ authToken: KEY });
    const data = { item_name: 'Blue shoes', item_price: 40 };
    await connect(inspector).event.track({ identity, eventName: 'add_to_cart', data });
    await connect(inspector).event.track({
      identity,
      eventName: 'Purchased Item',
      extras: { source: 'shop', createdAt: '2026-01-31T12:00:00Z', veroConv: 'c1' },
    });
    expect(inspector.events()).toMatchObject([
      { name: 'add_to_cart', identity: { id: '1', email: 'janedoe@getvero.com' }, data, credential: '…0007' },
      {
        name: 'Purchased Item',
        extras: { source: 'shop', created_at: '2026-01-31T12:00:00Z', vero_conv: 'c1' },
      },
    ]);
  });

  it('does everything else that it can', async () => {
    const inspector = await start({ authToken: KEY });
    const { user, tag } = connect(inspector);
    await user.identify({ id: '1', email: 'janedoe@getvero.com', data: { age: 25 } });
    await tag.edit({ userId: '1', add: ['vip', 'old'] });
    await tag.edit({ userId: '1', remove: ['old'] });
    await user.unsubscribe({ userId: '1' });
    expect(inspector.users()).toMatchObject([
      { id: '1', email: 'janedoe@getvero.com', attributes: { age: 25 }, tags: ['vip'], isSubscribed: false },
    ]);
    await user.resubscribe({ userId: '1' });
    await user.alias({ userId: '1', newId: '2' });
    expect(inspector.users()).toMatchObject([{ id: '2', formerIds: ['1'], isSubscribed: true }]);
    await user.delete({ userId: '2' });
    expect(inspector.users()).toEqual([]);
    expect((await entries(inspector)).map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'user users/track',
      'user users/tags/edit',
      'user users/tags/edit',
      'user users/unsubscribe',
      'user users/resubscribe',
      'user users/reidentify',
      'user users/delete',
    ]);
  });

  it('works as its one instance too', async () => {
    const inspector = await start();
    // Its types know of the key only.
    const options = { trackingApiKey: KEY, trackingApiBaseUrl: inspector.url };
    tracker.init(options);
    await tracker.event.track({ identity, eventName: 'signed_up' });
    expect(inspector.events()).toMatchObject([{ name: 'signed_up' }]);
  });

  it('is told what Vero would tell it', async () => {
    const inspector = await start({ authToken: 'tok_secret_another' });
    const sent = connect(inspector).event.track({ identity, eventName: 'signed_up' });
    await expect(sent).rejects.toThrow('Unauthorized 401');
    expect(JSON.stringify(inspector.requests()).includes(KEY)).toBe(false);
  });
});

describe('curl', () => {
  const curl = async (...args: string[]) => {
    const { stdout } = await run('curl', ['--silent', '--show-error', ...args], { timeout: 20_000 });
    return stdout;
  };

  it.each([
    ['as JSON', ['--header', 'content-type: application/json']],
    ['without a word about its type', []],
  ])("sends the documentation's two examples %s", async (_how, headers) => {
    const inspector = await start({ authToken: 'your_auth_token' });
    for (const example of [SEED_SIGN_UP, SEED_ADD_TO_CART]) {
      const address = `${inspector.url}/api/v2/events/track`;
      const answer = await curl('-X', 'POST', address, ...headers, '--data', example);
      expect(answer).toBe('{"status":200,"message":"Success."}');
    }
    expect(inspector.events()).toMatchObject([
      { name: 'user_signed_up', identity: { id: '1', email: 'janedoe@getvero.com' }, data: undefined },
      { name: 'add_to_cart', data: { item_name: 'Blue shoes', item_price: 40 } },
    ]);
  });

  it('sends an entry again, as its page says, and nothing else happens', async () => {
    const inspector = await start();
    const payload = {
      event_name: `it's $(touch x) \`id\` "quoted" \\ \u001b[201~ \u202e \u0085 ünï 🛒`,
      identity: { id: "'; touch x #" },
      data: { a: '\n', '--x': '@/etc/passwd' },
    };
    const address = `${inspector.url}/api/v2/events/track`;
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ auth_token: KEY, ...payload });
    await fetch(`${address}?tracking_api_key=${KEY}`, { method: 'POST', headers, body });
    const { curl: command } = await lastEntry(inspector);
    for (const control of ['\u001b', '\u202e', '\u0085']) expect(command).not.toContain(control);
    expect(command.includes(KEY)).toBe(false);
    await run('sh', ['-c', command], { timeout: 20_000 });
    const [first, second] = inspector.events();
    expect(second?.body).toEqual(first?.body);
    expect(first?.body).toEqual(payload);
    expect(second?.credential).toBe('…OKEN');
  });

  it('sends no file of whoever pastes it, and no more requests than one', async () => {
    const inspector = await start();
    const body = '@/etc/hostname';
    const headers = { 'content-type': 'application/json' };
    await fetch(`${inspector.url}/api/v2/x[1-3]`, { method: 'POST', headers, body });
    const { curl: command } = await lastEntry(inspector);
    await run('sh', ['-c', command], { timeout: 20_000 });
    const [first, second, ...more] = inspector.requests();
    expect([first?.path, second?.path, more.length]).toEqual(['/api/v2/x[1-3]', '/api/v2/x[1-3]', 0]);
    expect((await lastEntry(inspector)).body).toBe(body);
  });
});
