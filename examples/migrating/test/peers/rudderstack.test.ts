/** What docs/comparison.md says of it, as far as it can be caused: fails when a new version does otherwise. */
import RudderAnalytics from '@rudderstack/rudder-sdk-node';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type StandIn, standIn } from '../stand-in.ts';
import {
  A_SECOND_MS,
  BUSY_FOR_A_SECOND,
  CREDENTIAL,
  expectLostOnTheWay,
  OK,
  REDIRECT,
  script,
  silenceConsole,
  waited,
} from './peer.ts';

beforeEach(silenceConsole);

describe('@rudderstack/rudder-sdk-node', () => {
  /** What is still under way when the server goes harms nobody. */
  const QUIET = { retryCount: 0, errorHandler: () => {} };
  const rudderstack = ({ url }: StandIn, options: object = {}) =>
    new RudderAnalytics(CREDENTIAL, { dataPlaneUrl: url, ...options });

  test('throws into its caller when the user is missing, and for data that JSON cannot say', async () => {
    const analytics = rudderstack(await standIn());
    const properties = { price: 40n };
    // @ts-expect-error: a bigint
    expect(() => analytics.track({ userId: '42', event: 'add_to_cart', properties })).toThrow('BigInt');
    // @ts-expect-error: neither userId nor anonymousId
    expect(() => analytics.track({ event: 'add_to_cart' })).toThrow('userId');
  });

  test('logs that its queue is full, and never calls back', async () => {
    const analytics = rudderstack(await standIn('never'), {
      maxInternalQueueSize: 5,
      flushAt: 100,
      ...QUIET,
    });
    const callback = vi.fn();
    // The first is sent by itself, five wait, and the rest is dropped.
    for (let i = 0; i < 10; i++) analytics.track({ userId: '42', event: 'add_to_cart' }, callback);
    expect(vi.mocked(console.error).mock.calls.flat().join()).toContain('not adding events');
    expect(callback).not.toHaveBeenCalled();
  });

  test('resolves a flush while batches are under way', async () => {
    const service = await standIn(OK, 'never');
    const analytics = rudderstack(service, { flushAt: 100, ...QUIET });
    analytics.track({ userId: '42', event: 'the first is sent by itself' });
    await analytics.flush();
    for (let i = 0; i < 250; i++) analytics.track({ userId: '42', event: 'add_to_cart' });
    await analytics.flush(); // although none of their batches is answered
  });

  test('heeds Retry-After, and has its credential in the header', async () => {
    const service = await standIn(BUSY_FOR_A_SECOND, OK);
    const analytics = rudderstack(service);
    await new Promise<void>((resolve) =>
      analytics.track({ userId: '42', event: 'add_to_cart' }, () => resolve()),
    );
    expect(waited(service)).toBeGreaterThanOrEqual(A_SECOND_MS);
    expect(service.requests[0]?.url).toBe('/v1/batch');
    expect(service.requests[0]?.headers.authorization).toBe(`Basic ${btoa(`${CREDENTIAL}:`)}`);
  });

  test('gives an errorHandler the credential with the error', async () => {
    const service = await standIn({ status: 400 });
    const error = await new Promise<unknown>((resolve) =>
      rudderstack(service, { errorHandler: resolve }).track({ userId: '42', event: 'add_to_cart' }),
    );
    // Compared apart, so that no failure prints it.
    const { username } = (error as { config: { auth: { username: string } } }).config.auth;
    expect(username === CREDENTIAL).toBe(true);
  });

  test('ends the process at an answer of 400, unless it has an errorHandler', async () => {
    const service = await standIn({ status: 400 });
    const track = (options: string) =>
      script(`
        import Analytics from '@rudderstack/rudder-sdk-node';
        new Analytics('${CREDENTIAL}', { dataPlaneUrl: '${service.url}', ${options} })
          .track({ userId: '42', event: 'add_to_cart' });
      `);
    const [without, withHandler] = await Promise.all([track(''), track('errorHandler: () => {}')]);
    expect(without).toMatchObject({ exitCode: 1, output: expect.stringContaining('Error: Bad Request') });
    expect(withHandler).toMatchObject({ exitCode: 0 });
  });

  test('follows a redirect as a GET without the event, which counts as delivered', async () => {
    const service = await standIn(REDIRECT, OK);
    const analytics = new RudderAnalytics(CREDENTIAL, { dataPlaneUrl: service.url });
    const error = await new Promise((resolve) =>
      analytics.track({ userId: '42', event: 'add_to_cart' }, (thrown?: unknown) => resolve(thrown)),
    );
    expectLostOnTheWay(service);
    expect(error).toBeUndefined();
  });
});
