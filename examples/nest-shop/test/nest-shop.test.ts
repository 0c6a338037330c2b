import '@verotrack/testing/vitest';
import { events, identity, type Shop } from '@verotrack/example-shop';
import { recordVero } from '@verotrack/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startShop } from '../src/index.ts';

const jane = { email: 'jane@example.com', password: 'tok_secret_of_jane' };
const janesIdentity = { id: '1', email: 'jane@example.com', plan: 'free' };

const recorder = recordVero({ events, identity });
let shop: Shop;
let token: string;

beforeEach(async () => {
  recorder.clear();
  shop = await startShop({ vero: recorder });
  token = '';
});

afterEach(async () => {
  await shop.close();
  // What a test doesn't wait for must not come in the next.
  await recorder.flushRequests();
});

describe('the Nest shop', () => {
  it('tracks a sign-up as the user that came of it, with nothing of the password', async () => {
    const answer = await post('/signup', jane);

    expect([answer.status, await answer.json()]).toEqual([201, janesIdentity]);
    await recorder.flushRequests();
    expect(recorder.tracked('signed_up')).toMatchObject([{ data: undefined }]);
    expect(recorder.events().map(({ identity }) => identity)).toEqual([janesIdentity]);
  });

  it('tracks no sign-up with an address that has an account', async () => {
    await post('/signup', jane);

    expect((await post('/signup', jane)).status).toBe(409);

    await expectUntracked('signed_up: failure');
    await expectEvents('signed_up');
  });

  it('tracks no sign-up that the validation refuses', async () => {
    expect((await post('/signup', { ...jane, email: 'jane' })).status).toBe(400);

    await expectUntracked('signed_up: failure');
    await expectEvents();
  });

  it('tracks a log-in as the user who logged in', async () => {
    await signUpAndLogIn();

    await recorder.flushRequests();
    expect(recorder).toHaveTracked('logged_in', { identity: janesIdentity });
  });

  it('tracks no log-in with a wrong password', async () => {
    await post('/signup', jane);

    expect((await post('/login', { ...jane, password: 'tok_secret_guess' })).status).toBe(401);

    await expectUntracked('logged_in: failure');
  });

  it('tracks what a user put into the cart', async () => {
    await signUpAndLogIn();

    expect((await post('/cart/items', { productId: 'hat' })).status).toBe(201);

    await recorder.flushRequests();
    expect(recorder).toHaveTracked('add_to_cart', {
      identity: janesIdentity,
      data: { item_name: 'Straw hat', price: 25 },
    });
    expect(await (await get('/cart')).json()).toEqual([expect.objectContaining({ id: 'hat' })]);
  });

  it('tracks nothing for a product that is not in the catalogue', async () => {
    await signUpAndLogIn();

    expect((await post('/cart/items', { productId: 'moon' })).status).toBe(404);

    await expectUntracked('add_to_cart: failure');
  });

  it('refuses a visitor without a token, or with a bad one, and tracks nothing', async () => {
    expect((await post('/cart/items', { productId: 'hat' })).status).toBe(401);
    await signUpAndLogIn();
    // Any but the last character of a signature counts in full.
    token = token.replace(/.(?=.{9}$)/, (character) => (character === 'A' ? 'B' : 'A'));
    expect((await post('/cart/items', { productId: 'hat' })).status).toBe(401);

    await expectEvents('signed_up', 'logged_in');
  });

  it('tracks the purchase that a service reports', async () => {
    await signUpAndLogIn();
    await post('/cart/items', { productId: 'shoes' });
    await post('/cart/items', { productId: 'hat' });

    const answer = await post('/purchase', {});

    expect([answer.status, await answer.json()]).toMatchObject([201, { id: '1', total: 84 }]);
    await recorder.flushRequests();
    expect(recorder).toHaveTracked('purchased', {
      identity: janesIdentity,
      data: { order_id: '1', items: 2, total: 84 },
    });
    expect(await (await get('/cart')).json()).toEqual([]);
  });

  it('answers 409 to the purchase of an empty cart, and tracks nothing', async () => {
    await signUpAndLogIn();

    expect((await post('/purchase', {})).status).toBe(409);

    await expectEvents('signed_up', 'logged_in');
  });

  it('tracks nothing for a handler that throws, and shows nothing of its error', async () => {
    await signUpAndLogIn();

    const answer = await get('/recommendations');

    expect([answer.status, await answer.json()]).toEqual([
      500,
      { statusCode: 500, message: 'Internal server error' },
    ]);
    await expectUntracked('viewed_recommendations: failure');
  });

  it('tracks a catalogue export that was read to its end', async () => {
    await signUpAndLogIn();

    expect((await (await get('/catalogue/export')).text()).split('\n')).toHaveLength(5);

    await recorder.flushRequests();
    expect(recorder).toHaveTracked('exported_catalogue');
  });

  it('tracks no catalogue export when the visitor leaves in the middle of it', async () => {
    await signUpAndLogIn();

    const answer = await get('/catalogue/export');
    await answer.body?.cancel();

    await expectUntracked('exported_catalogue: aborted');
  });

  it('tracks the deletion of an account as the user who is no more', async () => {
    await signUpAndLogIn();

    expect((await ask('DELETE', '/account')).status).toBe(204);

    await recorder.flushRequests();
    expect(recorder).toHaveTracked('deleted_account', { identity: janesIdentity });
    expect((await get('/cart')).status).toBe(401);
  });
});

function ask(method: string, path: string, init: RequestInit = {}): Promise<Response> {
  // A connection for each request, so that none is left that the shop would wait for when it closes.
  const headers = { authorization: `Bearer ${token}`, connection: 'close', ...init.headers };
  return fetch(shop.url + path, { ...init, method, headers });
}

const get = (path: string) => ask('GET', path);

const post = (path: string, body: object) =>
  ask('POST', path, { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

async function signUpAndLogIn(): Promise<void> {
  await post('/signup', jane);
  const answer = (await (await post('/login', jane)).json()) as { token: string };
  ({ token } = answer);
}

/** Holds what was not tracked, once no request is under way, against this event and its reason. */
async function expectUntracked(expected: string): Promise<void> {
  await recorder.flushRequests();
  expect(recorder.untracked().map(({ name, reason }) => `${name}: ${reason}`)).toContain(expected);
}

/** Holds everything that was tracked, once no request is under way, against these events. */
async function expectEvents(...names: readonly string[]): Promise<void> {
  await recorder.flushRequests();
  expect(recorder.events().map(({ name }) => name)).toEqual(names);
}
