import { Analytics, type TrackParams } from '@segment/analytics-node';
import type { Client, ClientOptions } from './client.ts';

export function segment({ url }: ClientOptions): Client<TrackParams> {
  const analytics = new Analytics({ writeKey: 'tok_secret_benchmark', host: url });
  analytics.on('error', (error) => console.error(error));
  return {
    shape: ({ name, identity: { id, ...traits }, data }) => ({
      userId: id,
      event: name,
      properties: data,
      context: { traits },
    }),
    capture: (call) => analytics.track(call),
    flush: () => analytics.flush({ timeout: 300_000 }),
    close: () => analytics.closeAndFlush(),
  };
}
