/** What docs/comparison.md says of it, as far as it can be caused: fails when a new version does otherwise. */
import { Tracker } from '@getvero/tracking';
import { describe, expect, test } from 'vitest';
import { type StandIn, standIn } from '../stand-in.ts';
import { CREDENTIAL, expectLostOnTheWay, OK, REDIRECT, UNAVAILABLE } from './peer.ts';

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

  test('rejects without an identity, and for data that JSON cannot say', async () => {
    const vero = await standIn();
    await expect(tracker(vero).event.track({ eventName: 'add_to_cart' })).rejects.toThrow('identity');
    // @ts-expect-error: data is text and numbers
    await expect(tracker(vero).event.track({ ...event, data: { price: 40n } })).rejects.toThrow('BigInt');
    expect(vero.requests).toEqual([]);
  });

  test('follows a redirect as a GET without the event, which counts as delivered', async () => {
    const vero = await standIn(REDIRECT, OK);
    const tracker = new Tracker({ trackingApiKey: CREDENTIAL, trackingApiBaseUrl: vero.url });
    await tracker.event.track({
      identity: { userId: '42', email: 'jane@example.com' },
      eventName: 'add_to_cart',
    });
    expectLostOnTheWay(vero);
  });
});
