/** What docs/comparison.md says of the peers, as far as it can be caused: fails when a new version does otherwise. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Tracker } from '@getvero/tracking';
import RudderAnalytics from '@rudderstack/rudder-sdk-node';
import { Analytics } from '@segment/analytics-node';
import { createEnvelope, createTransport, type EventEnvelope } from '@sentry/core';
import { TrackClient } from 'customerio-node';
import express from 'express';
import { PostHog, type PostHogOptions, setupExpressRequestContext } from 'posthog-node';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type Answer, listen, type StandIn, standIn } from './servers.ts';

const CREDENTIAL = 'tok_secret_of_a_peer';
const UNAVAILABLE: Answer = { status: 503 };
const OK: Answer = { status: 200 };
const BUSY_FOR_A_SECOND: Answer = { status: 429, headers: { 'retry-after': '1' } };

// Peers log to the console: RudderStack always, the others on failures.
beforeEach(() => {
  for (const method of ['log', 'info', 'warn', 'error'] as const)
    vi.spyOn(console, method).mockImplementation(() => {});
});

/** Milliseconds between the first request and the next. */
const waited = ({ requests: [first, second] }: StandIn): number => (second?.at ?? 0) - (first?.at ?? 0);

/** Runs a script in a process of its own until it ends by itself. */
async function script(code: string): Promise<{ readonly exitCode: number; readonly output: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: join(import.meta.dirname, '..'),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [output, [exitCode]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return { exitCode, output };
}

describe('@getvero/tracking', () => {
  const event = { identity: { userId: '42', email: 'jane@example.com' }, eventName: 'add_to_cart' };
  const tracker = ({ url }: StandIn) => new Tracker({ trackingApiKey: CREDENTIAL, trackingApiBaseUrl: url });

  test('puts the credential into the URL', async () => {
    const vero = await standIn();
    await tracker(vero).event.track(event);
    expect(vero.requests[0]?.url).toBe(`/api/v2/events/track?tracking_api_key=${CREDENTIAL}`);
  });

  test('makes one attempt, and rejects when it fails', async () => {
    const vero = await standIn(UNAVAILABLE);
    await expect(tracker(vero).event.track(event)).rejects.toThrow('503');
    expect(vero.requests).toHaveLength(1);
  });

  test('sends no attribute of the user with an event but the e-mail address', async () => {
    const vero = await standIn();
    const identity = { ...event.identity, plan: 'pro' };
    await tracker(vero).event.track({ ...event, identity });
    expect(JSON.parse(vero.requests[0]?.body ?? '')).toMatchObject({
      identity: { id: '42', email: 'jane@example.com' },
    });
    expect(vero.requests[0]?.body).not.toContain('plan');
  });
});

describe('@segment/analytics-node', () => {
  function segment({ url }: StandIn) {
    const analytics = new Analytics({ writeKey: CREDENTIAL, host: url });
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

  test('heeds Retry-After, and has its credential in the header and in the body', async () => {
    const service = await standIn(BUSY_FOR_A_SECOND, OK);
    const { analytics, errors } = segment(service);
    analytics.track({ userId: '42', event: 'add_to_cart' });
    await analytics.closeAndFlush();
    expect(waited(service)).toBeGreaterThanOrEqual(990); // timers may be a little early
    expect(errors).toEqual([]);
    const [{ url, headers, body } = { url: '', headers: {}, body: '' }] = service.requests;
    expect(url).toBe('/v1/batch');
    expect(headers.authorization).toBe(`Basic ${btoa(`${CREDENTIAL}:`)}`);
    expect(JSON.parse(body).writeKey).toBe(CREDENTIAL);
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
    await vi.waitFor(() => expect(errors).toEqual(['delivery_failure']));
  });

  test('holds the process until its timer has sent what waits', async () => {
    const service = await standIn();
    const ended = await script(`
      import { Analytics } from '@segment/analytics-node';
      new Analytics({ writeKey: '${CREDENTIAL}', host: '${service.url}', flushInterval: 100 })
        .track({ userId: '42', event: 'add_to_cart' });
    `);
    expect(ended.exitCode).toBe(0);
    expect(service.messages()).toHaveLength(1);
  });
});

describe('posthog-node', () => {
  function posthog({ url }: StandIn, options: PostHogOptions = {}) {
    const client = new PostHog(CREDENTIAL, { host: url, fetchRetryDelay: 1, ...options });
    const errors: unknown[] = [];
    client.on('error', (error) => errors.push(error));
    return { client, errors };
  }

  test('drops the oldest events of a full queue without a word', async () => {
    const service = await standIn();
    const { client, errors } = posthog(service, { maxQueueSize: 10, flushAt: 10, flushInterval: 60_000 });
    for (let i = 1; i <= 15; i++) client.capture({ distinctId: '42', event: `event ${i}` });
    await client.shutdown();
    expect(service.messages().map(({ event }) => event)).toEqual(
      Array.from({ length: 10 }, (_, i) => `event ${i + 6}`),
    );
    expect(errors).toEqual([]);
    for (const method of ['log', 'info', 'warn', 'error'] as const)
      expect(console[method]).not.toHaveBeenCalled();
  });

  test('gives a batch up after four attempts, and tells by an error event and a rejected flush', async () => {
    const service = await standIn(UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, OK);
    const { client, errors } = posthog(service);
    client.capture({ distinctId: '42', event: 'add_to_cart' });
    await expect(client.flush()).rejects.toThrow('503');
    expect(service.requests).toHaveLength(4);
    expect(errors).toHaveLength(1);
    expect(await client.shutdown()).toBeUndefined();
    expect(service.requests).toHaveLength(4); // nothing was left to send
  });

  test('resolves captureImmediate also when nothing arrived', async () => {
    const service = await standIn(UNAVAILABLE);
    const { client, errors } = posthog(service);
    await client.captureImmediate({ distinctId: '42', event: 'add_to_cart' });
    expect(service.requests).toHaveLength(4);
    expect(errors).toHaveLength(1);
  });

  test('does not heed Retry-After for events, and has its credential in the body', async () => {
    const service = await standIn({ status: 429, headers: { 'retry-after': '60' } }, OK);
    const { client } = posthog(service);
    client.capture({ distinctId: '42', event: 'add_to_cart' });
    await client.flush();
    expect(service.requests).toHaveLength(2);
    expect(service.requests[0]?.url).toBe('/batch/');
    expect(JSON.parse(service.requests[0]?.body ?? '').api_key).toBe(CREDENTIAL);
  });

  test('on Express takes the user from a header of the client, unless the event names one', async () => {
    const service = await standIn();
    const { client } = posthog(service);
    const app = express();
    setupExpressRequestContext(client, app);
    app.get('/', (_req, res) => {
      client.capture({ event: 'of the context' });
      client.capture({ event: 'of the call', distinctId: '42' });
      res.end();
    });
    await fetch(await listen(app), { headers: { 'x-posthog-distinct-id': 'somebody else' } });
    await client.shutdown();
    expect(service.messages()).toMatchObject([
      { event: 'of the context', distinct_id: 'somebody else' },
      { event: 'of the call', distinct_id: '42' },
    ]);
  });

  test('sends an event without a user as that of nobody, and one without a name as it is', async () => {
    const service = await standIn();
    const { client } = posthog(service);
    client.capture({ event: 'add_to_cart' });
    // @ts-expect-error: no event
    client.capture({ distinctId: '42' });
    await client.shutdown();
    expect(service.messages()).toMatchObject([
      { event: 'add_to_cart', properties: { $process_person_profile: false } },
      { distinct_id: '42' },
    ]);
  });

  test('says what JSON cannot say in words, and sends it', async () => {
    const service = await standIn();
    const { client } = posthog(service);
    client.capture({ distinctId: '42', event: 'add_to_cart', properties: { price: 40n } });
    await client.shutdown();
    expect(service.messages()).toMatchObject([{ properties: { price: '40' } }]);
  });

  test('loses what waits when a script ends without shutdown', async () => {
    const service = await standIn();
    const ended = await script(`
      import { PostHog } from 'posthog-node';
      new PostHog('${CREDENTIAL}', { host: '${service.url}', flushInterval: 100 })
        .capture({ distinctId: '42', event: 'add_to_cart' });
    `);
    expect(ended.exitCode).toBe(0);
    expect(service.requests).toEqual([]);
  });
});

describe('@rudderstack/rudder-sdk-node', () => {
  /** What is still under way when the server goes harms nobody. */
  const QUIET = { retryCount: 0, errorHandler: () => {} };
  const rudderstack = ({ url }: StandIn, options: object = {}) =>
    new RudderAnalytics(CREDENTIAL, { dataPlaneUrl: url, ...options });

  test('throws into its caller when the user is missing', async () => {
    const analytics = rudderstack(await standIn());
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
    expect(waited(service)).toBeGreaterThanOrEqual(990);
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
    expect(withHandler.exitCode).toBe(0);
  });
});

describe('customerio-node', () => {
  const customerio = ({ url }: StandIn) =>
    new TrackClient('site', CREDENTIAL, { url, retry: { minTimeoutMs: 1 } });

  test('tries again by itself, and heeds Retry-After', async () => {
    const service = await standIn(BUSY_FOR_A_SECOND, UNAVAILABLE, OK);
    await customerio(service).track('42', { name: 'add_to_cart' });
    expect(service.requests).toHaveLength(3);
    expect(waited(service)).toBeGreaterThanOrEqual(990);
    expect(service.requests[0]?.url).toBe('/customers/42/events');
    expect(service.requests[0]?.headers.authorization).toBe(`Basic ${btoa(`site:${CREDENTIAL}`)}`);
  });

  test('rejects after four attempts, and at once when it was refused', async () => {
    const away = await standIn(UNAVAILABLE);
    await expect(customerio(away).track('42', { name: 'add_to_cart' })).rejects.toMatchObject({
      statusCode: 503,
    });
    expect(away.requests).toHaveLength(4);
    const refusing = await standIn({ status: 400 });
    await expect(customerio(refusing).track('42', { name: 'add_to_cart' })).rejects.toMatchObject({
      statusCode: 400,
    });
    expect(refusing.requests).toHaveLength(1);
  });
});

describe('@sentry/core', () => {
  test('counts what its full buffer drops, says whether a flush was in time, and tries nothing again', async () => {
    const dropped: string[] = [];
    let answer: (() => void) | undefined;
    let requests = 0;
    const transport = createTransport(
      { bufferSize: 1, recordDroppedEvent: (reason) => dropped.push(reason) },
      () => {
        requests++;
        return new Promise((resolve) => {
          answer = () => resolve({ statusCode: 503 });
        });
      },
    );
    const envelope = () => createEnvelope<EventEnvelope>({} as EventEnvelope[0], [[{ type: 'event' }, {}]]);
    const sent = [transport.send(envelope()), transport.send(envelope())];
    expect(dropped).toEqual(['queue_overflow']);
    expect(await transport.flush(1)).toBe(false);
    answer?.();
    await Promise.all(sent);
    expect(await transport.flush(1)).toBe(true);
    expect(requests).toBe(1);
  });
});

describe('an answer of 302 is followed as a GET without the events, and counts as delivered', () => {
  const redirect = () => standIn({ status: 302, headers: { location: '/elsewhere' } }, OK);
  const expectLost = ({ requests }: StandIn) =>
    expect(
      requests.map(({ method, url, body }) => ({ method, path: url?.split('?')[0], body })),
    ).toMatchObject([{ method: 'POST' }, { method: 'GET', path: '/elsewhere', body: '' }]);

  test('by @getvero/tracking', async () => {
    const vero = await redirect();
    const tracker = new Tracker({ trackingApiKey: CREDENTIAL, trackingApiBaseUrl: vero.url });
    await tracker.event.track({
      identity: { userId: '42', email: 'jane@example.com' },
      eventName: 'add_to_cart',
    });
    expectLost(vero);
  });

  test('by @segment/analytics-node', async () => {
    const service = await redirect();
    const analytics = new Analytics({ writeKey: CREDENTIAL, host: service.url });
    const error = vi.fn();
    analytics.on('error', error).track({ userId: '42', event: 'add_to_cart' });
    await analytics.closeAndFlush();
    expectLost(service);
    expect(error).not.toHaveBeenCalled();
  });

  test('by posthog-node', async () => {
    const service = await redirect();
    const client = new PostHog(CREDENTIAL, { host: service.url });
    client.capture({ distinctId: '42', event: 'add_to_cart' });
    await client.flush();
    expectLost(service);
  });

  test('by @rudderstack/rudder-sdk-node', async () => {
    const service = await redirect();
    const analytics = new RudderAnalytics(CREDENTIAL, { dataPlaneUrl: service.url });
    const error = await new Promise((resolve) =>
      analytics.track({ userId: '42', event: 'add_to_cart' }, (thrown?: unknown) => resolve(thrown)),
    );
    expectLost(service);
    expect(error).toBeUndefined();
  });
});
