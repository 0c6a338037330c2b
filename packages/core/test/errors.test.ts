import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { DeliveryError, InvalidEventError, isVeroError, VeroError } from '../src/index.ts';
import { expectNoCredential, JANE, makeClient, TOKEN } from './clients.ts';
import { fakeVero } from './fake-vero.ts';

// A second copy of the module, as two installed versions of the package would be.
const copyOf = '../src/errors.ts?copy';
const copy = (await import(copyOf)) as typeof import('../src/errors.ts');

const record = {
  v: 1,
  id: 'e1',
  kind: 'track',
  project: 'default',
  name: 'n',
  acceptedAt: 0,
  attempts: 0,
  notBefore: 0,
  body: '{"event_name":"n"}',
} as const;

describe('isVeroError', () => {
  it('knows every error of this library', () => {
    expect(isVeroError(new VeroError('VERO_CONFIG', 'no'))).toBe(true);
    expect(isVeroError(new InvalidEventError('n', []))).toBe(true);
    expect(isVeroError(new DeliveryError('no', { attempts: 1 }))).toBe(true);
  });

  it('knows the errors of another installed copy, which are no instances of ours', () => {
    const foreign = new copy.DeliveryError('no', { attempts: 1 });
    expect(foreign).not.toBeInstanceOf(VeroError);
    expect(isVeroError(foreign)).toBe(true);
    expect(copy.isVeroError(new InvalidEventError('n', []))).toBe(true);
  });

  it.each([
    [undefined],
    [null],
    ['VeroError'],
    [7],
    [{}],
    [{ name: 'VeroError', code: 'VERO_CONFIG' }],
    [new Error('no')],
  ])('does not take %j for one', (value) => {
    expect(isVeroError(value)).toBe(false);
  });
});

describe('the errors', () => {
  it.each([
    [new VeroError('VERO_CONFIG', 'no'), 'VeroError', 'VERO_CONFIG'],
    [new InvalidEventError('n', []), 'InvalidEventError', 'VERO_INVALID_EVENT'],
    [new DeliveryError('no', { attempts: 1 }), 'DeliveryError', 'VERO_DELIVERY'],
    [new DeliveryError('no', { attempts: 0 }, 'VERO_PAUSED'), 'DeliveryError', 'VERO_PAUSED'],
  ])('have a name and a code: %s', (error, name, code) => {
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(VeroError);
    expect([error.name, error.code]).toEqual([name, code]);
    expect(error.stack).toContain(`${name}: `);
    expect(inspect(error)).toContain(code);
  });

  it('list their issues', () => {
    const error = new InvalidEventError('add_to_cart', [
      { path: 'data.a', message: 'bad' },
      { path: 'name', message: 'worse' },
    ]);
    expect(error.message).toBe('Invalid event "add_to_cart": data.a: bad; name: worse');
    expect(error.issues).toHaveLength(2);
    for (const name of [undefined, '', 7, Symbol('n')]) {
      expect(new InvalidEventError(name, []).message).toBe('Invalid event: ');
    }
  });

  it('say what is known of a failed delivery', () => {
    const cause = new Error('socket');
    const error = new DeliveryError('no', {
      status: 503,
      attempts: 2,
      retryAfterMs: 1_000,
      event: record,
      cause,
    });
    expect(error).toMatchObject({ status: 503, attempts: 2, retryAfterMs: 1_000, event: record, cause });
    const least = new DeliveryError('no', { attempts: 1 });
    expect(least).toMatchObject({ status: undefined, retryAfterMs: undefined, event: undefined });
    expect(Object.hasOwn(least, 'cause')).toBe(false);
  });
});

describe('the credential', () => {
  it('is in nothing public of a client', async () => {
    const server = await fakeVero();
    const { vero } = makeClient({ baseUrl: server.url });
    await vero.send('signed_up', { identity: JANE });
    expectNoCredential(
      vero,
      vero.stats(),
      vero.health(),
      vero.deadLetters,
      vero.deadLetters.list(),
      Object.keys(vero),
    );
    expect(server.requests[0]?.body.auth_token === TOKEN).toBe(true);
  });

  it('is in no error when Vero echoes it, in the words of the request or of a URL', async () => {
    const odd = 'tok_secret_/+= &odd';
    const body = `no good: ${odd} ${encodeURIComponent(odd)} ${JSON.stringify({ auth_token: odd })}`;
    const server = await fakeVero({ status: 400, body });
    const { vero, told } = makeClient({ baseUrl: server.url, authToken: odd });
    const error = await vero.send('signed_up', { identity: JANE }).catch((thrown: unknown) => thrown);
    expectNoCredential(error);
    vero.track('signed_up', { identity: JANE });
    await vero.flush();
    expect(told.rejected).toHaveLength(2);
    expect(told.rejected[0]?.error.message).toContain('[redacted]');
    expectNoCredential(told, vero.deadLetters.list(), vero.deadLetters.export());
  });

  it('is in no error when the end of a long answer cuts it', async () => {
    const server = await fakeVero({ status: 400, body: `${'x'.repeat(285)}${TOKEN}` });
    const { vero } = makeClient({ baseUrl: server.url });
    const error = await vero.send('signed_up', { identity: JANE }).catch((thrown: unknown) => thrown);
    expectNoCredential(error);
  });

  it('is in no error when it has characters that JSON escapes', async () => {
    const odd = 'tok_secret_"quoted\\"';
    const server = await fakeVero({ status: 400, body: JSON.stringify({ auth_token: odd }) });
    const { vero } = makeClient({ baseUrl: server.url, authToken: odd });
    const error = await vero.send('signed_up', { identity: JANE }).catch((thrown: unknown) => thrown);
    expectNoCredential(error);
  });

  it('is in no error when a transport fails with the request in its hands', async () => {
    const { vero } = makeClient({
      transport: {
        send: async (request) => {
          const cause = Object.assign(new Error(`for ${request.credential}`), { request });
          throw Object.assign(new Error(`failed with ${request.credential}`, { cause }), {
            request,
            code: 'EPIPE',
          });
        },
      },
    });
    const error = (await vero
      .send('n', { identity: JANE }, { timeoutMs: 1 })
      .catch((thrown: unknown) => thrown)) as DeliveryError;
    expect(error.message).toBe('Vero could not be reached: failed with [redacted] (EPIPE)');
    expect(error.cause).toMatchObject({ message: 'failed with [redacted]', code: 'EPIPE' });
    expectNoCredential(error);
  });

  it('is in no error when the authToken function fails after it gave one', async () => {
    const server = await fakeVero(401);
    let asked = 0;
    const authToken = (): string => {
      if (asked++ === 0) return TOKEN;
      throw new Error(`could not renew ${TOKEN}`);
    };
    const { vero, until } = makeClient({ baseUrl: server.url, authToken });
    vero.track('n', { identity: JANE });
    const retrying = await until('retrying', 2);
    expect(retrying[1]?.error.code).toBe('VERO_CREDENTIAL');
    expect(retrying[1]?.error.message).toBe('The authToken function failed: could not renew [redacted]');
    expectNoCredential(retrying);
  });
});
