import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { listen, type Site, serve } from '../../test-helpers/listen.ts';
import { trackingApplication } from './tracking-application.ts';
import { Visitor } from './visitor.ts';

vi.spyOn(console, 'warn').mockImplementation(() => {}); // where Better Auth says what it refused
let provider: Site;
beforeAll(async () => {
  provider = await serve(({ url }, res) => {
    const profile = { id: 7, state: 'active', name: 'Jane', email, email_verified: true };
    const answer = url === '/oauth/token' ? { access_token: 'tok_secret_access' } : profile;
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  vi.stubEnv('GITLAB_URL', provider.url);
  vi.stubEnv('GITLAB_SECRET', 'tok_secret_of_the_shop');
});
afterAll(() => provider.close());

const { outcome } = trackingApplication(async () => (await import('../src/better-auth.ts')).vero);

const password = 'tok_secret_of_jane';
let email: string;
let visitor: Visitor;
let people = 0;

beforeEach(async () => {
  const { app } = await import('../src/better-auth-app.ts');
  visitor = new Visitor(await listen(app));
  email = `jane${++people}@example.com`;
});

const signUp = () => visitor.post('/api/auth/sign-up/email', { name: 'Jane', email, password });
const signIn = (given = password) => visitor.post('/api/auth/sign-in/email', { email, password: given });

const idOf = async (response: Response): Promise<string> =>
  ((await response.json()) as { user: { id: string } }).user.id;

describe('with Better Auth', () => {
  test('a sign-up is tracked as the user that came of it', async () => {
    const id = await idOf(await signUp());

    expect(await outcome()).toEqual({
      received: [{ name: 'signed_up', identity: { id, email } }],
      skipped: [],
    });
  });

  test('a sign-up on the server, outside any request, is tracked, too', async () => {
    const { auth } = await import('../src/better-auth.ts');

    await auth.api.signUpEmail({ body: { name: 'Jane', email, password } });

    expect(await outcome()).toMatchObject({ received: [{ name: 'signed_up', identity: { email } }] });
  });

  test('a second sign-up with the same address is not', async () => {
    await signUp();
    expect((await signUp()).status).toBe(422);

    expect((await outcome()).received.map(({ name }) => name)).toEqual(['signed_up']);
  });

  test('a sign-in is tracked, and one with a wrong password is not', async () => {
    await signUp();
    expect((await signIn('tok_secret_guess')).status).toBe(401);
    expect((await outcome()).received.map(({ name }) => name)).toEqual(['signed_up']);

    expect((await signIn()).status).toBe(200);
    const { received, skipped } = await outcome();
    expect(received).toMatchObject([{ name: 'signed_up' }, { name: 'signed_in', identity: { email } }]);
    expect(skipped).toEqual([]);
  });

  test('a sign-in by a provider is tracked when the browser is back, and the first is a sign-up, too', async () => {
    const body = { provider: 'gitlab', callbackURL: '/' };
    const left = await visitor.post('/api/auth/sign-in/social', body);
    const { url } = (await left.json()) as { url: string };
    expect((await outcome()).received).toEqual([]);

    const back = `code=any&state=${new URL(url).searchParams.get('state')}`;
    const response = await visitor.get(`/api/auth/callback/gitlab?${back}`);
    expect(response.headers.get('location')).toBe('/');

    const { received } = await outcome();
    expect(received.map(({ name }) => name).toSorted()).toEqual(['signed_in', 'signed_up']);
    expect(new Set(received.map(({ identity }) => JSON.stringify(identity))).size).toBe(1);
  });

  test('what is done later belongs to the user of the session', async () => {
    const id = await idOf(await signUp());
    await visitor.post('/cart/items', { name: 'Blue shoes' });

    expect((await outcome()).received).toContainEqual({
      name: 'add_to_cart',
      identity: { id, email },
      data: { item_name: 'Blue shoes' },
    });
  });

  test('a sign-out is tracked as who it was, and nothing after it', async () => {
    const id = await idOf(await signUp());
    expect((await visitor.post('/api/auth/sign-out', {})).status).toBe(200);
    await visitor.post('/cart/items', { name: 'Blue shoes' });

    const { received, skipped } = await outcome();
    expect(received).toContainEqual({ name: 'signed_out', identity: { id, email } });
    expect([received.length, skipped]).toEqual([2, ['add_to_cart: no-identity']]);
  });

  test('what is done by nobody is skipped', async () => {
    await visitor.post('/cart/items', { name: 'Blue shoes' });
    expect((await visitor.post('/api/auth/sign-out', {})).status).toBe(200);

    expect(await outcome()).toEqual({
      received: [],
      skipped: ['add_to_cart: no-identity', 'signed_out: no-identity'],
    });
  });
});
