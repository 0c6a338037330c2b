import { beforeEach, describe, expect, test } from 'vitest';
import { listen } from '../../test-helpers/listen.ts';
import { trackingApplication } from './tracking-application.ts';
import { Visitor } from './visitor.ts';

const { outcome } = trackingApplication(async () => (await import('../src/passport.ts')).vero);

const password = 'tok_secret_of_them_all';
let visitor: Visitor;
let people = 0;
let email: string;
let id: string;

beforeEach(async () => {
  const { app } = await import('../src/passport.ts');
  visitor = new Visitor(await listen(app));
  id = String(++people);
  email = `jane${id}@example.com`;
});

const who = () => ({ id, email, plan: 'free' });
const signUp = (address = email) => visitor.submit('/signup', { email: address, password });
const signIn = (given = password) => visitor.submit('/login', { email, password: given });
const add = () => visitor.post('/cart/items', { name: 'Blue shoes' });
const namesIn = ({ received }: Awaited<ReturnType<typeof outcome>>) =>
  received.map(({ name }) => name).toSorted();

describe('with Passport', () => {
  test('a sign-up is tracked as the user that came of it, and what is done then', async () => {
    expect((await signUp()).headers.get('location')).toBe('/');
    await add();

    const { received, skipped } = await outcome();
    expect(received).toContainEqual({ name: 'signed_up', identity: who() });
    expect(received).toContainEqual({
      name: 'add_to_cart',
      identity: who(),
      data: { item_name: 'Blue shoes' },
    });
    expect([received.length, skipped]).toEqual([2, []]);
  });

  test('a sign-up with an address that has an account is not', async () => {
    await signUp();
    expect((await signUp()).status).toBe(409);

    const all = await outcome();
    expect(namesIn(all)).toEqual(['signed_up']);
    expect(all.skipped).toEqual(['signed_up: failure']);
  });

  test('a sign-in is tracked, and one with a wrong password is not, though both redirect', async () => {
    await signUp();
    visitor.forget();
    expect((await signIn('tok_secret_guess')).headers.get('location')).toBe('/login');
    expect(namesIn(await outcome())).toEqual(['signed_up']);

    expect((await signIn()).headers.get('location')).toBe('/');
    const { received, skipped } = await outcome();
    expect(received).toContainEqual({ name: 'signed_in', identity: who() });
    expect([received.length, skipped]).toEqual([2, []]);
  });

  test('a sign-in as somebody else is tracked as the new user', async () => {
    await signUp();
    await signUp(`joe${id}@example.com`);
    people++;
    await signIn();

    const { received } = await outcome();
    expect(received.filter(({ name }) => name === 'signed_in')).toEqual([
      { name: 'signed_in', identity: who() },
    ]);
  });

  test('a sign-out is tracked as who it was, and nothing after it', async () => {
    await signUp();
    await visitor.submit('/logout', {});
    await add();

    const { received, skipped } = await outcome();
    expect(received).toContainEqual({ name: 'signed_out', identity: who() });
    expect([received.length, skipped]).toEqual([2, ['add_to_cart: no-identity']]);
  });

  test('a sign-out of nobody is skipped', async () => {
    people--; // nobody signed up
    await visitor.submit('/logout', {});

    expect(await outcome()).toEqual({ received: [], skipped: ['signed_out: no-identity'] });
  });
});
