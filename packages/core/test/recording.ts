import type { Identity, Transport, VeroOptions } from '../src/index.ts';
import { makeClient, type TestClient } from './clients.ts';

/** An event as it was sent. */
export interface Sent {
  readonly event_name: string;
  readonly identity: Identity;
  readonly data?: unknown;
}

/** A client whose events are kept as they were sent. */
export function recording(options: VeroOptions = {}): TestClient & { readonly sent: Sent[] } {
  const sent: Sent[] = [];
  const transport: Transport = {
    send: async ({ body }) => {
      sent.push(JSON.parse(body) as Sent);
      return { status: 200 };
    },
  };
  return { ...makeClient({ transport, ...options }), sent };
}

/** The names of events, with the ids of their users. */
export const whoDid = (sent: readonly Sent[]): unknown[] =>
  sent.map((event) => [event.event_name, event.identity.id]);
