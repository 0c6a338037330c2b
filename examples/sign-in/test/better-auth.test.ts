import { beforeEach, describe, expect, test, vi } from 'vitest';
import { localVero } from './local-vero.ts';
import { listen, Visitor } from './visitor.ts';

vi.spyOn(console, 'warn').mockImplementation(() => {}); // where Better Auth says what it refused
const { outcome } = localVero(async () => (await import('../src/better-auth.ts')).vero);

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
