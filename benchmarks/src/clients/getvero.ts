import { Tracker } from '@getvero/tracking';
import { type Client, type ClientOptions, NOTHING_WAITS } from './client.ts';

type Call = Parameters<Tracker['event']['track']>[0];

/** Vero's own client. Its call is the request; it takes no attributes but the e-mail address. */
export function getvero({ url }: ClientOptions): Client<Call> {
  const tracker = new Tracker({ trackingApiKey: 'tok_secret_benchmark', trackingApiBaseUrl: url });
  return {
    ...NOTHING_WAITS,
    shape: ({ name, identity, data }) => ({
      identity: { userId: identity.id, email: identity.email },
      eventName: name,
      data: { ...data },
    }),
    capture: (call) => tracker.event.track(call),
    close: () => Promise.resolve(),
  };
}
