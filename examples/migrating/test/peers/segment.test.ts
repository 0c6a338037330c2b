/** What docs/comparison.md says of it, as far as it can be caused: fails when a new version does otherwise. */
import { Analytics, type AnalyticsSettings } from '@segment/analytics-node';
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
  UNAVAILABLE,
  waited,
} from './peer.ts';

beforeEach(silenceConsole);

describe('@segment/analytics-node', () => {
  function segment({ url }: StandIn, settings: Partial<AnalyticsSettings> = {}) {
    const analytics = new Analytics({ writeKey: CREDENTIAL, host: url, ...settings });
    const errors: string[] = [];
    analytics.on('error', ({ code }) => errors.push(code));
    return { analytics, errors };
  }

  test('throws into its caller when the user or the event is missing or wrong', async () => {
    const { analytics } = segment(await standIn());
    // @ts-expect-error: neither userId nor anonymousId
    expect(() => analytics.track({ event: 'add_to_cart' })).toThrow('userId');
    // @ts-expect-error: a number as the user's id
    expect(() => analytics.track({ userId: 42, event: 'add_to_cart' })).toThrow('userId');
    // @ts-expect-error: no event
    expect(() => analytics.track({ userId: '42' })).toThrow('event');
  });

  test('tells its listeners that an event went well which JSON cannot say, and sends nothing', async () => {
    const service = await standIn();
    const { analytics, errors } = segment(service);
    const sent: string[] = [];
    analytics.on('track', (context) => sent.push(String(context.event.event)));
    analytics.track({ userId: '42', event: 'add_to_cart', properties: { price: 40n } });
    await analytics.closeAndFlush();
    expect({ sent, errors, requests: service.requests }).toEqual({
      sent: ['add_to_cart'],
      errors: [],
      requests: [],
    });
  });

  test('heeds Retry-After for all batches', async () => {
    const service = await standIn(BUSY_FOR_A_SECOND, OK);
    const { analytics, errors } = segment(service, { flushAt: 1 });
    const refused = new Promise((resolve) => analytics.once('http_response', resolve));
    analytics.track({ userId: '42', event: 'the first batch' });
    await refused;
    analytics.track({ userId: '42', event: 'the second batch' });
    await analytics.closeAndFlush();
    expect(waited(service)).toBeGreaterThanOrEqual(A_SECOND_MS);
    expect(service.requests).toHaveLength(3);
    expect(errors).toEqual([]);
  });

  test('has its credential in the header and in the body', async () => {
    const service = await standIn();
    const { analytics } = segment(service);
    analytics.track({ userId: '42', event: 'add_to_cart' });
    await analytics.closeAndFlush();
    const [{ url, headers, body } = { url: '', headers: {}, body: '' }] = service.requests;
    expect(url).toBe('/v1/batch');
    expect(headers.authorization).toBe(`Basic ${btoa(`${CREDENTIAL}:`)}`);
    expect(JSON.parse(body).writeKey).toBe(CREDENTIAL);
  });

  test('gives its listeners the credential with each request', async () => {
    const { analytics } = segment(await standIn());
    const authorizations: unknown[] = [];
    analytics.on('http_request', ({ headers }) => authorizations.push(headers?.Authorization));
    analytics.track({ userId: '42', event: 'add_to_cart' });
    await analytics.closeAndFlush();
    expect(authorizations).toEqual([`Basic ${btoa(`${CREDENTIAL}:`)}`]);
  });

  test('has a limit of 32 KiB for an event, against which it counts few of the bytes', async () => {
    const service = await standIn();
    const { analytics, errors } = segment(service);
    for (const letter of ['a', 'i']) {
      const properties = { text: letter.repeat(33 * 1024) };
      analytics.track({ userId: '42', event: `of ${letter}`, properties });
    }
    await analytics.closeAndFlush();
    expect(service.messages().map(({ event }) => event)).toEqual(['of a']);
    expect(errors).toEqual(['delivery_failure']);
  });

  test('gives 4xx up at once, and tells by an error event', async () => {
    const service = await standIn({ status: 401 });
    const { analytics, errors } = segment(service);
    analytics.track({ userId: '42', event: 'add_to_cart' });
    await analytics.closeAndFlush();
    expect(errors).toEqual(['delivery_failure']);
    expect(service.requests).toHaveLength(1);
  });

  test('resolves a flush at once while another is under way', async () => {
    const { analytics } = segment(await standIn());
    analytics.track({ userId: '42', event: 'add_to_cart' });
    const first = analytics.flush().then(() => 'the first');
    expect(await Promise.race([first, analytics.flush().then(() => 'the second')])).toBe('the second');
    await first;
  });

  test('closes without a word of what it gave up, which comes as an error event', async () => {
    const service = await standIn(UNAVAILABLE);
    const { analytics, errors } = segment(service);
    analytics.track({ userId: '42', event: 'add_to_cart' });
    expect(await analytics.closeAndFlush({ timeout: 100 })).toBeUndefined();
    await expect.poll(() => errors).toEqual(['delivery_failure']);
  });

  test('holds the process until its timer has sent what waits', async () => {
    const service = await standIn();
    const ended = await script(`
      import { Analytics } from '@segment/analytics-node';
      new Analytics({ writeKey: '${CREDENTIAL}', host: '${service.url}', flushInterval: 100 })
        .track({ userId: '42', event: 'add_to_cart' });
    `);
    expect(ended).toEqual({ exitCode: 0, output: '' });
    expect(service.messages()).toHaveLength(1);
  });

  test('follows a redirect as a GET without the event, which counts as delivered', async () => {
    const service = await standIn(REDIRECT, OK);
    const analytics = new Analytics({ writeKey: CREDENTIAL, host: service.url });
    const error = vi.fn();
    analytics.on('error', error).track({ userId: '42', event: 'add_to_cart' });
    await analytics.closeAndFlush();
    expectLostOnTheWay(service);
    expect(error).not.toHaveBeenCalled();
  });
});
