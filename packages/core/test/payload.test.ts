import { describe, expect, it } from 'vitest';
import {
  buildTrackPayload,
  isVeroError,
  type PayloadOptions,
  type TrackEvent,
  type VeroError,
} from '../src/index.ts';
import { expectNoCredential } from './clients.ts';

const authToken = 'tok_secret_payload';
const build = (event: TrackEvent, options: Partial<PayloadOptions> = {}) =>
  buildTrackPayload(event, { authToken, ...options });
const minimal: TrackEvent = { name: 'signed_up', identity: { id: '1' } };

// Word for word the example requests of Vero's Events API, but for the token.
const USER_SIGNED_UP = `{
  "auth_token": "tok_secret_payload",
  "identity": {
    "id": "1",
    "email": "janedoe@getvero.com"
  },
  "event_name": "user_signed_up"
}`;
const ADD_TO_CART = `{
  "auth_token": "tok_secret_payload",
  "identity": {
    "id": "1",
    "email": "janedoe@getvero.com"
  },
  "event_name": "add_to_cart",
  "data": {
    "item_name": "Blue shoes",
    "item_price": 40.00
  }
}`;
const janeDoe = { id: '1', email: 'janedoe@getvero.com' };

describe('the examples of the Events API', () => {
  it('builds the sign-up example, value for value', () => {
    expect(build({ name: 'user_signed_up', identity: janeDoe })).toEqual(JSON.parse(USER_SIGNED_UP));
  });

  it('builds the add-to-cart example, value for value', () => {
    const data = { item_name: 'Blue shoes', item_price: 40.0 };
    expect(build({ name: 'add_to_cart', identity: janeDoe, data })).toEqual(JSON.parse(ADD_TO_CART));
  });

  it('encodes the add-to-cart example in the documented order of members, and 40.00 as 40', () => {
    const data = { item_name: 'Blue shoes', item_price: 40.0 };
    expect(JSON.stringify(build({ name: 'add_to_cart', identity: janeDoe, data }))).toBe(
      '{"auth_token":"tok_secret_payload","event_name":"add_to_cart",' +
        '"identity":{"id":"1","email":"janedoe@getvero.com"},' +
        '"data":{"item_name":"Blue shoes","item_price":40}}',
    );
  });

  it('takes the example of the identity row, whose id is an address', () => {
    const identity = { id: 'james@getvero.com', email: 'james@getvero.com' };
    expect(build({ name: 'signed_up', identity }).identity).toEqual(identity);
  });
});

describe('the parameters of the Events API', () => {
  it('sends the example of each row as it is documented', () => {
    const identity = { id: 'james@getvero.com', email: 'james@getvero.com' };
    const payload = build({ name: 'signed_up', identity, data: { age: 25 } }, { developmentMode: true });
    expect(JSON.stringify(payload)).toBe(
      '{"auth_token":"tok_secret_payload","event_name":"signed_up",' +
        '"identity":{"id":"james@getvero.com","email":"james@getvero.com"},' +
        '"data":{"age":25},"development_mode":true}',
    );
  });

  it.each([
    ['auth_token', true, 'string'],
    ['event_name', true, 'string'],
    ['identity', true, 'object'],
    ['data', false, 'object'],
    ['development_mode', false, 'boolean'],
  ])('sends %s (required: %s) as a %s', (name, required, type) => {
    const least = build(minimal) as unknown as Record<string, unknown>;
    const most = build({ ...minimal, data: { age: 25 } }, { developmentMode: true }) as unknown as Record<
      string,
      unknown
    >;
    expect(Object.hasOwn(least, name)).toBe(required);
    expect(typeof most[name]).toBe(type);
  });

  it('sends nothing but the required ones unless there is something to say', () => {
    expect(build(minimal)).toStrictEqual({
      auth_token: authToken,
      event_name: 'signed_up',
      identity: { id: '1' },
    });
  });

  it('leaves development_mode out when it is false, which is the default of the API', () => {
    expect(build(minimal, { developmentMode: false })).not.toHaveProperty('development_mode');
    expect(build(minimal, { developmentMode: undefined })).not.toHaveProperty('development_mode');
  });

  it('says development_mode: true as a boolean', () => {
    expect(build(minimal, { developmentMode: true }).development_mode).toBe(true);
  });

  it.each([[undefined], [null], [{}], [{ gone: undefined }]])('leaves data out when it is %j', (data) => {
    expect(build({ ...minimal, data })).not.toHaveProperty('data');
  });

  it('sends the user attributes inside identity and the event attributes inside data', () => {
    const payload = build({
      ...minimal,
      identity: { id: '1', plan: 'pro', age: 25 },
      data: { plan: 'basic' },
    });
    expect(payload.identity).toEqual({ id: '1', plan: 'pro', age: 25 });
    expect(payload.data).toEqual({ plan: 'basic' });
  });

  it('puts the members in one order, however the event was written', () => {
    const event = {
      conversionId: 'c',
      data: { a: 1 },
      source: 's',
      identity: { plan: 'pro', email: 'a@b.c', id: 7 },
      name: 'n',
    };
    const payload = build(event, { developmentMode: true });
    expect(Object.keys(payload)).toEqual([
      'auth_token',
      'event_name',
      'identity',
      'data',
      'development_mode',
      'extras',
    ]);
    expect(Object.keys(payload.identity)).toEqual(['id', 'email', 'plan']);
  });
});

describe('extras', () => {
  it('says when it happened, its source and its conversion', () => {
    const createdAt = new Date(Date.UTC(2024, 1, 29, 12, 30, 0, 5));
    expect(build({ ...minimal, createdAt, source: 'shop', conversionId: 'conv-9' }).extras).toEqual({
      created_at: '2024-02-29T12:30:00.005Z',
      source: 'shop',
      vero_conv: 'conv-9',
    });
  });

  it.each([
    ['a Date', new Date(1_700_000_000_000), '2023-11-14T22:13:20.000Z'],
    ['milliseconds', 1_700_000_000_000, '2023-11-14T22:13:20.000Z'],
    ['0', 0, '1970-01-01T00:00:00.000Z'],
    ['an ISO date', '2023-11-14', '2023-11-14T00:00:00.000Z'],
    ['an ISO time of another zone', '2023-11-14T22:13:20+02:00', '2023-11-14T20:13:20.000Z'],
  ])('takes %s as createdAt', (_what, createdAt, expected) => {
    expect(build({ ...minimal, createdAt }).extras).toEqual({ created_at: expected });
  });

  it.each(['source', 'conversionId'])('leaves out a %s that is empty', (name) => {
    expect(build({ ...minimal, [name]: '' })).not.toHaveProperty('extras');
  });
});

describe('the options of buildTrackPayload', () => {
  const refusal = (options: object): VeroError => {
    try {
      buildTrackPayload(minimal, options as PayloadOptions);
    } catch (thrown) {
      if (isVeroError(thrown)) return thrown;
      throw thrown;
    }
    throw new Error('nothing was refused');
  };

  it.each([
    ['authToken', {}],
    ['authToken', { authToken: '' }],
    ['authToken', { authToken: '  ' }],
    ['authToken', { authToken: 7 }],
    ['developmentMode', { authToken, developmentMode: 'true' }],
    ['maxPayloadBytes', { authToken, maxPayloadBytes: 0 }],
    ['invalidEmail', { authToken, invalidEmail: 'drop' }],
    ['allowAttributes', { authToken, allowAttributes: 'token' }],
  ])('names %s when it is wrong, without the token', (name, options) => {
    const error = refusal(options);
    expect(error.code).toBe('VERO_CONFIG');
    expect(error.message).toContain(`"${name}"`);
    expectNoCredential(error);
  });

  it('suggests the option that was meant', () => {
    expect(refusal({ authToken, devMode: true }).message).toContain('"devMode"');
    expect(refusal({ authToken, developmentmode: true }).message).toContain(
      'Did you mean "developmentMode"?',
    );
  });

  it('refuses options that are no object', () => {
    expect(refusal('tok_secret_payload' as never).message).toBe(
      'buildTrackPayload: its options must be an object',
    );
  });
});
