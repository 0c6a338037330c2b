import { Analytics, type TrackParams } from '@segment/analytics-node';
import type { Client, ClientOptions } from './client.ts';
import { trackCall } from './track-call.ts';

export function segment({ url }: ClientOptions): Client<TrackParams> {
  const analytics = new Analytics({ writeKey: 'tok_secret_benchmark', host: url });
  analytics.on('error', (error) => console.error(error));
  return {
    shape: trackCall,
    capture: (call) => analytics.track(call),
    flush: () => analytics.flush({ timeout: 300_000 }),
    close: () => analytics.closeAndFlush(),
  };
}
