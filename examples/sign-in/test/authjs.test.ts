import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { listen } from '../../test-helpers/listen.ts';
import { users } from '../src/your-app.ts';
import { trackingApplication } from './tracking-application.ts';
import { Visitor } from './visitor.ts';

vi.stubEnv('AUTH_SECRET', 'tok_secret_of_the_sessions_of_authjs');
const { outcome } = trackingApplication(async () => (await import('../src/authjs.ts')).vero);

const jane = { email: 'jane@example.com', password: 'tok_secret_of_jane' };
const janesIdentity = { id: '1', email: 'jane@example.com' };
let visitor: Visitor;

beforeAll(() => users.signUp(jane.email, jane.password));
beforeEach(async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {}); // where Auth.js says what it refused
  const { app } = await import('../src/authjs.ts');
  visitor = new Visitor(await listen(app));
});

/** Does what the forms of Auth.js do. @returns where the browser is sent */
async function submit(path: string, fields: Record<string, string>): Promise<string | null> {
  const { csrfToken } = (await (await visitor.get('/auth/csrf')).json()) as { csrfToken: string };
  const response = await visitor.submit(path, { csrfToken, ...fields });
  expect(response.status).toBe(302);
  return response.headers.get('location');
}
const signIn = (password = jane.password) => submit('/auth/callback/credentials', { ...jane, password });
const add = () => visitor.post('/cart/items', { name: 'Blue shoes' });

describe('with Auth.js', () => {
  test('a sign-in is tracked as the user of the session, and what is done then', async () => {
    await signIn();
    await add();

    const { received, skipped } = await outcome();
    expect(received).toContainEqual({ name: 'signed_in', identity: janesIdentity });
    expect(received).toContainEqual({
      name: 'add_to_cart',
      identity: janesIdentity,
      data: { item_name: 'Blue shoes' },
    });
    expect([received.length, skipped]).toEqual([2, []]);
  });

  test('a sign-in with a wrong password is not, though it is a redirect, too', async () => {
    expect(await signIn('tok_secret_guess')).toContain('error=CredentialsSignin');
    await add();

    expect(await outcome()).toEqual({ received: [], skipped: ['add_to_cart: no-identity'] });
  });

  test('a sign-out is tracked as who it was, and nothing after it', async () => {
    await signIn();
    await submit('/auth/signout', {});
    await add();

    const { received, skipped } = await outcome();
    expect(received).toContainEqual({ name: 'signed_out', identity: janesIdentity });
    expect([received.length, skipped]).toEqual([2, ['add_to_cart: no-identity']]);
  });

  test('a form without the token against forgery signs nobody in', async () => {
    await visitor.submit('/auth/callback/credentials', jane);

    expect(await outcome()).toEqual({ received: [], skipped: [] });
  });

  test('a session that was made up is nobody', async () => {
    await visitor.post('/cart/items', { name: 'Blue shoes' }, { cookie: 'authjs.session-token=made-up' });

    expect(await outcome()).toEqual({ received: [], skipped: ['add_to_cart: no-identity'] });
  });
});
