import '@verotrack/testing/vitest';
import {
  createTRPCClient,
  httpBatchLink,
  httpBatchStreamLink,
  httpLink,
  type TRPCClientError,
} from '@trpc/client';
import { events, identity, type Shop } from '@verotrack/example-shop';
import { recordVero } from '@verotrack/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ShopRouter, startShop } from '../src/index.ts';

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

describe('the tRPC shop', () => {
  it('tracks a sign-up as the user that came of it, with nothing of the password', async () => {
    expect(await client().signUp.mutate(jane)).toEqual(janesIdentity);

    await recorder.flushRequests();
    expect(recorder.tracked('signed_up')).toMatchObject([{ data: undefined }]);
    expect(recorder.events().map(({ identity }) => identity)).toEqual([janesIdentity]);
  });

  it('tracks no sign-up with an address that has an account', async () => {
    await client().signUp.mutate(jane);

    expect(await codeOf(client().signUp.mutate(jane))).toBe('CONFLICT');

    await expectUntracked('signed_up: failure');
    await expectEvents('signed_up');
  });

  it('tracks no sign-up that the validation refuses', async () => {
    expect(await codeOf(client().signUp.mutate({ ...jane, email: 'jane' }))).toBe('BAD_REQUEST');

    await expectEvents();
  });

  it('tracks a log-in as the user who logged in', async () => {
    await signUpAndLogIn();

    await recorder.flushRequests();
    expect(recorder).toHaveTracked('logged_in', { identity: janesIdentity });
  });

  it('tracks no log-in with a wrong password', async () => {
    await client().signUp.mutate(jane);

    const guess = client().logIn.mutate({ ...jane, password: 'tok_secret_guess' });

    expect(await codeOf(guess)).toBe('UNAUTHORIZED');
    await expectUntracked('logged_in: failure');
  });

  it('tracks what a user put into the cart', async () => {
    await signUpAndLogIn();

    await client().addToCart.mutate({ productId: 'hat' });

    await recorder.flushRequests();
    expect(recorder).toHaveTracked('add_to_cart', {
      identity: janesIdentity,
      data: { item_name: 'Straw hat', price: 25 },
    });
  });

  it('tracks the event that the metadata of a procedure names', async () => {
    await signUpAndLogIn();

    expect(await client().cart.query()).toEqual([]);

    await recorder.flushRequests();
    expect(recorder).toHaveTracked('viewed_cart', { identity: janesIdentity });
  });

  it('tracks each call of a batch by its own result', async () => {
    await signUpAndLogIn();

    const batch = client(httpBatchLink);
    const [hat, moon] = await Promise.allSettled([
      batch.addToCart.mutate({ productId: 'hat' }),
      batch.addToCart.mutate({ productId: 'moon' }),
    ]);

    expect([hat.status, moon.status]).toEqual(['fulfilled', 'rejected']);
    await expectUntracked('add_to_cart: failure');
    await expectEvents('signed_up', 'logged_in', 'add_to_cart');
  });

  it('refuses a visitor without a token, or with a bad one, and tracks nothing', async () => {
    expect(await codeOf(client().cart.query())).toBe('UNAUTHORIZED');
    await signUpAndLogIn();
    // Any but the last character of a signature counts in full.
    token = token.replace(/.(?=.{9}$)/, (character) => (character === 'A' ? 'B' : 'A'));
    expect(await codeOf(client().cart.query())).toBe('UNAUTHORIZED');

    await expectEvents('signed_up', 'logged_in');
  });

  it('tracks the purchase that a service reports', async () => {
    await signUpAndLogIn();
    await client().addToCart.mutate({ productId: 'shoes' });
    await client().addToCart.mutate({ productId: 'hat' });

    expect(await client().purchase.mutate()).toMatchObject({ id: '1', total: 84 });

    await recorder.flushRequests();
    expect(recorder).toHaveTracked('purchased', {
      identity: janesIdentity,
      data: { order_id: '1', items: 2, total: 84 },
    });
    expect(await client().cart.query()).toEqual([]);
  });

  it('refuses the purchase of an empty cart, and tracks nothing', async () => {
    await signUpAndLogIn();

    expect(await codeOf(client().purchase.mutate())).toBe('CONFLICT');

    await expectEvents('signed_up', 'logged_in');
  });

  it('tracks nothing for a procedure that throws', async () => {
    await signUpAndLogIn();

    expect(await codeOf(client().recommendations.query())).toBe('INTERNAL_SERVER_ERROR');

    await expectUntracked('viewed_recommendations: failure');
  });

  it('tracks a catalogue export that was read to its end', async () => {
    await signUpAndLogIn();

    const lines: string[] = [];
    for await (const line of await client(httpBatchStreamLink).exportCatalogue.query()) lines.push(line);

    expect(lines).toHaveLength(4);
    await recorder.flushRequests();
    expect(recorder).toHaveTracked('exported_catalogue');
  });

  it('tracks no catalogue export when the visitor leaves in the middle of it', async () => {
    await signUpAndLogIn();
    const leaving = new AbortController();

    const lines = await client(httpBatchStreamLink).exportCatalogue.query(undefined, {
      signal: leaving.signal,
    });
    const rest = (async () => {
      for await (const _line of lines) leaving.abort();
    })();

    await expect(rest).rejects.toThrow();
    await expectUntracked('exported_catalogue: aborted');
  });

  it('tracks the deletion of an account as the user who is no more', async () => {
    await signUpAndLogIn();

    await client().deleteAccount.mutate();

    await recorder.flushRequests();
    expect(recorder).toHaveTracked('deleted_account', { identity: janesIdentity });
    expect(await codeOf(client().cart.query())).toBe('UNAUTHORIZED');
  });
});

type HttpLink = typeof httpLink | typeof httpBatchLink | typeof httpBatchStreamLink;

function client(link: HttpLink = httpLink) {
  // A connection for each request, so that none is left that the shop would wait for when it closes.
  const headers = () => ({ authorization: `Bearer ${token}`, connection: 'close' });
  return createTRPCClient<ShopRouter>({ links: [link({ url: shop.url, headers })] });
}

async function signUpAndLogIn(): Promise<void> {
  await client().signUp.mutate(jane);
  ({ token } = await client().logIn.mutate(jane));
}

/** The code of the error that a call ends with. */
async function codeOf(call: Promise<unknown>): Promise<string | undefined> {
  const error = await call.then(
    () => undefined,
    (thrown: TRPCClientError<ShopRouter>) => thrown,
  );
  return error?.data?.code;
}

/** Holds what was not tracked, once no call is under way, against this event and its reason. */
async function expectUntracked(expected: string): Promise<void> {
  await recorder.flushRequests();
  expect(recorder.untracked().map(({ name, reason }) => `${name}: ${reason}`)).toContain(expected);
}

/** Holds everything that was tracked, once no call is under way, against these events. */
async function expectEvents(...names: readonly string[]): Promise<void> {
  await recorder.flushRequests();
  expect(recorder.events().map(({ name }) => name)).toEqual(names);
}
