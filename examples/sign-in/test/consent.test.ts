import type { Vero } from '@verotrack/core';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listen } from '../../test-helpers/listen.ts';
import type { events } from '../src/consent.ts';
import { consents, users } from '../src/your-app.ts';
import { trackingApplication } from './tracking-application.ts';
import { Visitor } from './visitor.ts';

const local = trackingApplication(async () => (await import('../src/consent.ts')).vero);

const jane = { email: 'jane@example.com', password: 'tok_secret_of_jane' };
const identity = { id: '1', email: jane.email };
let vero: Vero<typeof events>;
let visitor: Visitor;

beforeAll(() => users.signUp(jane.email, jane.password));
beforeEach(async () => {
  const consent = await import('../src/consent.ts');
  vero = consent.vero;
  visitor = new Visitor(await listen(consent.app));
  await visitor.post('/login', jane);
  consents.give('1');
});

/** What the client tells next of this. */
const told = <What extends 'paused' | 'dropped' | 'rejected'>(what: What) =>
  new Promise<Parameters<Parameters<typeof vero.on<What>>[1]>[0]>((resolve) => {
    const off = vero.on(what, (told) => {
      off();
      resolve(told);
    });
  });

describe('consent', () => {
  test('lets out what was done with it', async () => {
    await visitor.get('/search?term=shoes');

    expect(await local.outcome()).toEqual({
      received: [{ name: 'searched', identity, data: { term: 'shoes' } }],
      skipped: [],
    });
  });

  test('that was not given makes a user nobody', async () => {
    consents.withdraw('1');
    await visitor.get('/search?term=shoes');

    expect(await local.outcome()).toEqual({ received: [], skipped: ['searched: no-identity'] });
  });

  test('that is withdrawn while an event waits keeps it from being sent', async () => {
    local.inspector.failNext({ status: 429, headers: { 'retry-after': 1 } });
    const paused = told('paused');
    const dropped = told('dropped');
    await visitor.get('/search?term=shoes');
    await paused;
    consents.withdraw('1');

    expect(await dropped).toMatchObject({ reason: 'vetoed', event: { name: 'searched' } });
    expect((await local.outcome()).received).toEqual([]);
  });

  test('of a user who is forgotten is asked for dead letters, too, which are gone then', async () => {
    const { forget } = await import('../src/consent.ts');
    local.inspector.failNext({ status: 400, body: 'no' }, 2);
    for (const id of ['1', '2']) {
      consents.give(id);
      const rejected = told('rejected');
      vero.track('searched', { identity: { id }, data: { term: 'shoes' } });
      await rejected;
    }

    expect(await forget('1')).toBe(0);

    const letters = await vero.deadLetters.list();
    expect(letters.map(({ record }) => JSON.parse(record.body).identity.id)).toEqual(['2']);
    expect((await local.outcome()).received).toEqual([]);
  });
});

describe('redaction', () => {
  test('by the catalogue takes addresses out of what was searched for', async () => {
    await visitor.get('/search?term=shoes%20of%20joe%40example.com');

    expect((await local.outcome()).received).toMatchObject([{ data: { term: 'shoes of [e-mail]' } }]);
  });

  test('by beforeAccept takes out a property, and whole events', async () => {
    await visitor.post('/support', { topic: 'returns' });
    await visitor.get('/prescriptions');

    expect(await local.outcome()).toEqual({
      received: [{ name: 'asked_support', identity, data: { topic: 'returns' } }],
      skipped: ['viewed_prescription: refused'],
    });
  });

  test('leaves out what looks like a secret, unless it is listed', async () => {
    const attributes = { passwordHash: 'tok_secret_hash', token_balance: 7 };
    vero.track('viewed_prescription', { identity: { id: '1', ...attributes } });
    vero.track('searched', { identity: { id: '1', ...attributes }, data: { term: 'shoes' } });

    const [{ identity } = { identity: {} }] = (await local.outcome()).received;
    expect(identity).toEqual({ id: '1', token_balance: 7 });
  });

  test('does not look through the data of an event', async () => {
    const data = { topic: 'returns', password: 'forgotten' };
    vero.track('asked_support', { identity: { id: '1' }, data });

    expect((await local.outcome()).received).toMatchObject([{ data }]);
  });
});
