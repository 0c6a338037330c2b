import Analytics from '@rudderstack/rudder-sdk-node';
import type { Client, ClientOptions } from './client.ts';
import { trackCall } from './track-call.ts';

type Call = Parameters<Analytics['track']>[0];

/** Its types leave out what has to be known to wait until everything is sent. */
interface Queue {
  readonly queue: readonly unknown[];
  readonly pendingFlush: Promise<unknown> | null;
}

export function rudderstack({ url }: ClientOptions): Client<Call> {
  const analytics = new Analytics('tok_secret_benchmark', { dataPlaneUrl: url });
  const waiting = analytics as unknown as Queue;
  return {
    shape: trackCall,
    capture: (call) => analytics.track(call),
    // One call of its `flush` sends one batch.
    async flush() {
      while (waiting.queue.length > 0) await analytics.flush();
      await waiting.pendingFlush;
    },
    close: () => Promise.resolve(),
  };
}
