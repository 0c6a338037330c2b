/** What docs/comparison.md says of it, as far as it can be caused: fails when a new version does otherwise. */
import express from 'express';
import { PostHog, type PostHogOptions, setupExpressRequestContext } from 'posthog-node';
import { beforeEach, describe, expect, test } from 'vitest';
import { listen } from '../../../test-helpers/listen.ts';
import { type StandIn, standIn } from '../stand-in.ts';
import {
  CREDENTIAL,
  expectLostOnTheWay,
  expectSilence,
  OK,
  REDIRECT,
  script,
  silenceConsole,
  UNAVAILABLE,
} from './peer.ts';

beforeEach(silenceConsole);

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
    expectSilence();
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

  test('keeps a batch that got no answer for the next flush', async () => {
    const service = await standIn('drop', 'drop', 'drop', 'drop', OK);
    const { client } = posthog(service);
    client.capture({ distinctId: '42', event: 'add_to_cart' });
    await expect(client.flush()).rejects.toThrow('Network error');
    await client.flush();
    expect(service.requests).toHaveLength(5);
  });

  test('drops at once what was refused, and tells by an error event', async () => {
    const service = await standIn({ status: 400 }, OK);
    const { client, errors } = posthog(service);
    client.capture({ distinctId: '42', event: 'add_to_cart' });
    await client.shutdown();
    expect(service.requests).toHaveLength(1);
    expect(errors).toHaveLength(1);
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
    expect(ended).toEqual({ exitCode: 0, output: '' });
    expect(service.requests).toEqual([]);
  });

  test('follows a redirect as a GET without the event, which counts as delivered', async () => {
    const service = await standIn(REDIRECT, OK);
    const client = new PostHog(CREDENTIAL, { host: service.url });
    client.capture({ distinctId: '42', event: 'add_to_cart' });
    await client.flush();
    expectLostOnTheWay(service);
  });
});
