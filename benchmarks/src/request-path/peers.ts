import { Tracker } from '@getvero/tracking';
import { Analytics } from '@segment/analytics-node';
import { PostHog } from 'posthog-node';
import type { PeerName } from './setup.ts';
import { EVENT, type PeerCall } from './shop.ts';

export interface Peer {
  readonly call: PeerCall;
  /** Resolves when all is delivered or given up. */
  flush(): Promise<unknown>;
}

/** A peer as its documentation says to use it, pointed at the stand-in. */
export function peerOf(name: PeerName, url: string): Peer {
  if (name === '@getvero/tracking') return vero(url);
  return name === 'posthog-node' ? postHog(url) : segment(url);
}

function vero(url: string): Peer {
  const tracker = new Tracker({ trackingApiKey: 'stand-in', trackingApiBaseUrl: url });
  const underWay = new Set<Promise<void>>();
  return {
    call: ({ id, email }, data) => {
      const sent: Promise<void> = tracker.event
        .track({ identity: { userId: id, email }, eventName: EVENT, data })
        .catch(() => {})
        .finally(() => underWay.delete(sent));
      underWay.add(sent);
    },
    flush: () => Promise.all(underWay),
  };
}

function postHog(url: string): Peer {
  const client = new PostHog('stand-in', { host: url });
  return {
    call: ({ id, email }, data) =>
      client.capture({ distinctId: id, event: EVENT, properties: { ...data, $set: { email } } }),
    flush: () => client.flush(),
  };
}

function segment(url: string): Peer {
  const analytics = new Analytics({ writeKey: 'stand-in', host: url });
  return {
    call: ({ id, email }, data) =>
      analytics.track({ userId: id, event: EVENT, properties: data, context: { traits: { email } } }),
    flush: () => analytics.flush(),
  };
}
