import { describe, expect, it } from 'vitest';
import { buildTrackPayload, createVero, type InvalidEventError, isVeroError } from '../../src/index.ts';
import { JANE, makeClient, makeSendingClient, TOKEN } from '../clients.ts';
import { fakeVero } from '../fake-vero.ts';
import { issues } from '../issues.ts';

const thrownBy = (work: () => unknown): Error => {
  try {
    work();
  } catch (thrown) {
    return thrown as Error;
  }
  throw new Error('nothing was thrown');
};

describe('a long number, which may be a card, a telephone or a token', () => {
  const number = 4_111_111_111_111_111;

  it.each<[string, () => unknown]>([
    ['as an option', () => createVero({ authToken: number as never })],
    [
      'as a name',
      () => buildTrackPayload({ name: number as never, identity: { id: '1' } }, { authToken: TOKEN }),
    ],
    [
      'as an e-mail address',
      () =>
        buildTrackPayload(
          { name: 'n', identity: { id: '1', email: number as never } },
          { authToken: TOKEN, invalidEmail: 'refuse' },
        ),
    ],
  ])('is not shown %s', (_what, work) => {
    expect(thrownBy(work).message).toContain('not a number');
    expect(thrownBy(work).message).not.toContain('4111');
  });
});

describe('a promise in place of what it promises', () => {
  const rejected = (): never => Promise.reject(new Error('hostile')) as never;

  it.each<[string, () => object, string]>([
    ['the options', () => rejected(), 'options: are a promise; await it first'],
    ['the identity', () => ({ identity: rejected() }), 'identity: is a promise; await it first'],
    ['the data', () => ({ identity: JANE, data: rejected() }), 'data: a promise; await it first'],
    [
      'an attribute',
      () => ({ identity: { ...JANE, plan: rejected() } }),
      'identity.plan: a promise; await it first',
    ],
  ])('as %s is refused with what to do, and its rejection is contained', async (_what, make, expected) => {
    const { vero, told } = makeClient();
    vero.track('n', make());
    await new Promise(setImmediate);
    const [invalid] = told.invalid as { error: InvalidEventError }[];
    expect(invalid?.error.issues.map(({ path, message }) => `${path}: ${message}`)).toEqual([expected]);
  });
});

describe('options that answer one thing when they are checked and another when they are used', () => {
  const changing = (...answers: readonly unknown[]): PropertyDescriptor => {
    let reads = 0;
    return { get: () => answers[Math.min(reads++, answers.length - 1)], enumerable: true };
  };

  it('of an event are read once', async () => {
    const { vero, sent } = makeSendingClient();
    const options = Object.defineProperties(
      { identity: JANE },
      {
        eventId: changing('first', ''),
        unique: changing(true, 'yes'),
        source: changing('shop', { toString: () => 'hostile' }),
        data: changing({ x: 1 }, { x: 1n }),
      },
    );
    vero.track('n', options as object);
    await vero.flush();
    expect(sent).toMatchObject([{ data: { x: 1, _event_id: 'first' }, extras: { source: 'shop' } }]);
  });

  it('of a client are read once', async () => {
    const [server, thief] = [await fakeVero(), await fakeVero()];
    const options = Object.defineProperty({ authToken: TOKEN }, 'baseUrl', changing(server.url, thief.url));
    const client = createVero(options);
    client.track('n', { identity: JANE });
    await client.close();
    expect([server.names, thief.names]).toEqual([['n'], []]);
  });
});

it('a list that says it is endless, and a small object that unfolds without end, are given up', () => {
  const endless = new Proxy([], {
    get: (target, name) => (name === 'length' ? 2 ** 53 : Reflect.get(target, name)),
  });
  let bomb: object = { leaf: 'x' };
  for (let level = 0; level < 60; level++) bomb = { a: bomb, b: bomb };
  for (const data of [{ endless }, bomb]) {
    const [issue] = issues({ name: 'n', identity: JANE, data: data as never });
    expect(issue).toContain('larger than an event may be');
  }
});

it('a credential with half a character in it is sent, and redacted', async () => {
  const authToken = `${TOKEN}\ud800`;
  const server = await fakeVero({ status: 400, body: JSON.stringify({ authToken }) });
  const { vero } = makeClient({ authToken, baseUrl: server.url });
  const thrown: unknown = await vero.send('n', { identity: JANE }).catch((error: unknown) => error);
  expect(isVeroError(thrown) && thrown.code).toBe('VERO_DELIVERY');
  expect(server.requests).toHaveLength(1);
});
