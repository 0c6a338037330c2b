import { afterEach } from 'vitest';
import { kyTransport, type Transport, type TransportRequest, undiciTransport } from '../src/index.ts';
import { threadTransport } from '../src/thread.ts';
import { TOKEN } from './clients.ts';

interface Options {
  readonly connections?: number;
}

/** Every transport that we ship. With hooks, ky goes another way. */
export const TRANSPORTS: readonly (readonly [string, (options?: Options) => Transport])[] = [
  ['kyTransport', kyTransport],
  [
    'kyTransport with hooks',
    (options) => kyTransport({ ...options, ky: { hooks: { afterResponse: [() => {}] } } }),
  ],
  ['undiciTransport', undiciTransport],
  ['threadTransport', threadTransport],
];

export function requestTo(url: string, more: Partial<TransportRequest> = {}): TransportRequest {
  return {
    url: `${url}/api/v2/events/track`,
    body: '{"event_name":"n","identity":{"id":"1"}}',
    credential: TOKEN,
    headers: { 'content-type': 'application/json' },
    timeoutMs: 5_000,
    signal: new AbortController().signal,
    ...more,
  };
}

const made: Transport[] = [];
afterEach(async () => {
  for (const transport of made.splice(0)) await transport.close?.();
});

/** Has a transport closed after the test. */
export function closing(transport: Transport): Transport {
  made.push(transport);
  return transport;
}
