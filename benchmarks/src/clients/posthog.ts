import { type EventMessage, PostHog } from 'posthog-node';
import type { Client, ClientOptions } from './client.ts';

export function posthog({ url }: ClientOptions): Client<EventMessage> {
  const client = new PostHog('tok_secret_benchmark', { host: url });
  client.on('error', (error) => console.error(error));
  return {
    shape: ({ name, identity: { id, ...attributes }, data }) => ({
      distinctId: id,
      event: name,
      properties: { ...data, $set: attributes },
    }),
    capture: (call) => client.capture(call),
    flush: () => client.flush(),
    close: () => client.shutdown(),
  };
}
