import { describe, expect, it } from 'vitest';
import { post, SEED_ADD_TO_CART, SEED_SIGN_UP, SIGN_UP, start, TOKEN } from './client.ts';

describe('an event that Vero would take', () => {
  it('is answered as Vero answers', async () => {
    const response = await post(await start());
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.text()).toBe('{"status":200,"message":"Success."}');
  });

  it('may be the sign-up of the documentation', async () => {
    const inspector = await start({ authToken: 'your_auth_token' });
    expect((await post(inspector, SEED_SIGN_UP)).status).toBe(200);
    expect(inspector.events()).toEqual([
      {
        receivedAt: expect.any(Date),
        name: 'user_signed_up',
        identity: { id: '1', email: 'janedoe@getvero.com' },
        data: undefined,
        developmentMode: false,
        extras: undefined,
        body: { identity: { id: '1', email: 'janedoe@getvero.com' }, event_name: 'user_signed_up' },
        credential: '…oken',
      },
    ]);
  });

  it('may be the full cart of the documentation', async () => {
    const inspector = await start({ authToken: 'your_auth_token' });
    expect((await post(inspector, SEED_ADD_TO_CART)).status).toBe(200);
    expect(inspector.events()).toMatchObject([
      {
        name: 'add_to_cart',
        identity: { id: '1', email: 'janedoe@getvero.com' },
        data: { item_name: 'Blue shoes', item_price: 40 },
      },
    ]);
  });

  it('keeps everything that the payload can hold', async () => {
    const inspector = await start();
    const extras = { created_at: '2026-01-31T12:00:00.123Z', source: 'shop', vero_conv: 'c1' };
    const payload = {
      event_name: 'Käse gekauft',
      identity: { id: '1', plan: 'pro', tags: ['a', null] },
      data: { ['__proto__']: { deep: true }, list: [1, 2] },
      development_mode: true,
      extras,
    };
    const response = await post(inspector, { ...payload, auth_token: TOKEN });
    expect(response.status).toBe(200);
    const [event] = inspector.events();
    expect(event).toMatchObject({ name: 'Käse gekauft', developmentMode: true, extras });
    expect(JSON.stringify(event?.body)).toBe(JSON.stringify(payload));
  });

  it('comes at track.json too, and with the newer name of the credential', async () => {
    const inspector = await start({ authToken: TOKEN });
    const { auth_token: tracking_api_key, ...payload } = SIGN_UP;
    const response = await fetch(`${inspector.url}/api/v2/events/track.json`, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ tracking_api_key, ...payload }),
    });
    expect(response.status).toBe(200);
    expect(inspector.events()[0]?.body).toEqual(payload);
  });

  it.each([
    ['a name of 254 characters', { event_name: 'é'.repeat(254) }],
    ['an emoji counted as one character', { event_name: '🛒'.repeat(254) }],
    ['an address without a dot', { identity: { id: '1', email: 'root@localhost' } }],
    ['a date alone', { extras: { created_at: '2026-01-31' } }],
    ['a time with an offset', { extras: { created_at: '2026-01-31T12:00:00+02:00' } }],
  ])('may have %s', async (_what, change) => {
    expect((await post(await start(), { ...SIGN_UP, ...change })).status).toBe(200);
  });
});

describe('a request that Vero would refuse', () => {
  it.each([
    ['no credential', { auth_token: undefined }, 'auth_token'],
    ['an empty credential', { auth_token: '' }, 'auth_token'],
    ['a credential that is no string', { auth_token: 42 }, 'auth_token'],
    ['no event name', { event_name: undefined }, 'event_name'],
    ['an empty event name', { event_name: '' }, 'event_name'],
    ['a blank event name', { event_name: '  ' }, 'event_name'],
    ['an event name of 255 characters', { event_name: 'é'.repeat(255) }, 'event_name'],
    ['an event name that is no string', { event_name: 7 }, 'event_name'],
    ['no identity', { identity: undefined }, 'identity'],
    ['a list for an identity', { identity: [] }, 'identity'],
    ['an identity without an id', { identity: { email: 'janedoe@getvero.com' } }, 'identity.id'],
    ['an id that is no string', { identity: { id: 1 } }, 'identity.id'],
    ['an empty id', { identity: { id: '' } }, 'identity.id'],
    ['an id of 255 characters', { identity: { id: 'x'.repeat(255) } }, 'identity.id'],
    [
      'an address of 255 characters',
      { identity: { id: '1', email: `${'x'.repeat(250)}@x.io` } },
      'identity.email',
    ],
    ['a malformed address', { identity: { id: '1', email: 'jane at getvero' } }, 'identity.email'],
    ['an address that is null', { identity: { id: '1', email: null } }, 'identity.email'],
    ['a list for its data', { data: ['Blue shoes'] }, 'data'],
    ['null for its data', { data: null }, 'data'],
    ['a text for development_mode', { development_mode: 'true' }, 'development_mode'],
    ['a text for its extras', { extras: 'shop' }, 'extras'],
    ['a time that is not ISO 8601', { extras: { created_at: '31 Jan 2026' } }, 'extras.created_at'],
    ['a time that does not exist', { extras: { created_at: '2026-13-31T25:00:00Z' } }, 'extras.created_at'],
    ['a time in milliseconds', { extras: { created_at: 1769860800000 } }, 'extras.created_at'],
  ])('has %s and gets a 400', async (_what, change, culprit) => {
    const inspector = await start();
    const response = await post(inspector, { ...SIGN_UP, ...change });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      status: 400,
      message: expect.stringContaining(`${culprit} must be`),
    });
    expect(inspector.events()).toEqual([]);
    expect(inspector.requests()).toMatchObject([{ status: 400, message: expect.stringContaining(culprit) }]);
  });

  it('is told everything that is wrong at once', async () => {
    const response = await post(await start(), { auth_token: TOKEN, data: 1 });
    const { message } = (await response.json()) as { message: string };
    expect(message).toMatch(/event_name .*; identity .*; data /);
  });

  it.each([
    ['cut short', '{"auth_token":'],
    ['empty', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['nested without end', `{"data":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
  ])('has a body that is %s and gets a 400', async (_what, body) => {
    const response = await post(await start(), body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      status: 400,
      message: expect.stringContaining('The body'),
    });
  });

  it('has a body that is not UTF-8 and gets a 400', async () => {
    const body = Buffer.from(JSON.stringify({ ...SIGN_UP, event_name: 'K\u00e4se' }), 'latin1');
    expect((await post(await start(), '', { body })).status).toBe(400);
  });

  it('has another credential and gets a 401', async () => {
    const inspector = await start({ authToken: 'tok_secret_the_right_one' });
    const response = await post(inspector);
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({
      status: 401,
      message: expect.stringContaining('Bad credentials'),
    });
    expect(inspector.events()).toEqual([]);
  });

  it('has an unknown path and gets a 404', async () => {
    const response = await fetch(`${(await start()).url}/api/v2/users/forget`, { method: 'POST' });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ status: 404 });
  });

  it.each([
    ['PUT', '/api/v2/events/track', 'POST'],
    ['OPTIONS', '/api/v2/events/track', 'POST'],
    ['POST', '/api/v2/heartbeat', 'GET'],
  ])('is a %s of %s and gets a 405 that allows %s', async (method, path, allowed) => {
    const response = await fetch((await start()).url + path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allowed);
    expect(await response.json()).toMatchObject({ status: 405 });
  });

  it('has too large a body and gets a 413, however much it sends', async () => {
    const inspector = await start({ maxBodyBytes: 1_000 });
    expect((await post(inspector, JSON.stringify(SIGN_UP).padEnd(1_000))).status).toBe(200);
    expect((await post(inspector, JSON.stringify(SIGN_UP).padEnd(1_001))).status).toBe(413);
    expect((await post(inspector, ' '.repeat(5_000_000))).status).toBe(413);
    expect(inspector.events()).toHaveLength(1);
  });

  it.each([
    ['of no type', { 'content-type': '' }],
    ['plain text', { 'content-type': 'text/plain' }],
    ['compressed', { 'content-type': 'application/json', 'content-encoding': 'gzip' }],
  ])('is %s and gets a 415 that says what to send', async (_what, headers) => {
    const response = await post(await start(), SIGN_UP, { headers });
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({ message: expect.stringContaining('application/json') });
  });
});

describe('the heartbeat', () => {
  it('beats', async () => {
    const response = await fetch(`${(await start()).url}/api/v2/heartbeat`);
    expect([response.status, await response.json()]).toEqual([200, { status: 200, message: 'Success.' }]);
  });
});
