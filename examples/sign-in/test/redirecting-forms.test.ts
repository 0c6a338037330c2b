import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listen } from '../../test-helpers/listen.ts';
import { users } from '../src/your-app.ts';
import { trackingApplication } from './tracking-application.ts';
import { Visitor } from './visitor.ts';

const { outcome } = trackingApplication(async () => (await import('../src/redirecting-forms.ts')).vero);

const jane = { email: 'jane@example.com', password: 'tok_secret_of_jane' };
const identity = { id: '1', email: jane.email };
let visitor: Visitor;

beforeAll(() => users.signUp(jane.email, jane.password));
beforeEach(async () => {
  const { app } = await import('../src/redirecting-forms.ts');
  visitor = new Visitor(await listen(app));
  await visitor.submit('/login', jane);
});

/** @returns where the form sends the browser, and what it says there */
async function submit(path: string, fields: Record<string, string>): Promise<string[]> {
  const response = await visitor.submit(path, fields);
  expect(response.status).toBe(303);
  const location = response.headers.get('location') ?? '';
  return [location, await (await visitor.get(location)).text()];
}

describe('forms that answer with a redirect', () => {
  test('are tracked when their input is taken', async () => {
    expect(await submit('/newsletter', { topic: 'hats' })).toEqual([
      '/welcome',
      'You will hear of new hats.',
    ]);

    expect(await outcome()).toEqual({ received: [{ name: 'subscribed', identity }], skipped: [] });
  });

  test('are not when they cancel the tracking', async () => {
    expect(await submit('/newsletter', { topic: 'spam' })).toEqual(['/newsletter', 'Choose shoes or hats.']);

    expect(await outcome()).toEqual({ received: [], skipped: ['subscribed: cancelled'] });
  });

  test('are tracked by where they redirect to', async () => {
    await submit('/survey', { answer: 'yes' });
    await submit('/survey', { answer: '' });

    expect(await outcome()).toEqual({
      received: [{ name: 'answered_survey', identity }],
      skipped: ['answered_survey: failure'],
    });
  });

  test('track by themselves what they took', async () => {
    await submit('/wishlist', { item: 'Blue shoes' });
    await submit('/wishlist', { item: '' });

    expect(await outcome()).toEqual({
      received: [{ name: 'added_to_wishlist', identity, data: { item_name: 'Blue shoes' } }],
      skipped: [],
    });
  });

  test('are not when an error handler redirects', async () => {
    expect(await submit('/orders', {})).toEqual(['/newsletter', 'It is sold out.']);

    expect(await outcome()).toEqual({ received: [], skipped: ['ordered: failure'] });
  });
});
