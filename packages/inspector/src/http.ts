import type { IncomingMessage } from 'node:http';

type Endpoint = 'track' | 'heartbeat';

const ENDPOINTS = new Map<string, { readonly name: Endpoint; readonly method: string }>([
  ['/api/v2/events/track', { name: 'track', method: 'POST' }],
  ['/api/v2/events/track.json', { name: 'track', method: 'POST' }],
  ['/api/v2/heartbeat', { name: 'heartbeat', method: 'GET' }],
]);
const LOOPBACK_HEADER = /^(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?$/i;

/** An answer that is no success. Its message never repeats what was sent. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** What `work` returns, or the refusal that it throws. */
export function attempt<T>(work: () => T): T | Refusal {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown;
    throw thrown;
  }
}

/**
 * Reads to the end even what is too much, for a client that is still sending may not see the answer.
 * @returns `undefined` for more than `limit` bytes
 */
export async function readBody(req: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= limit) chunks.push(chunk);
  }
  return bytes <= limit ? Buffer.concat(chunks) : undefined;
}

/** The path without the query string. */
export function pathOf(req: IncomingMessage): string {
  return req.url?.split('?', 1)[0] ?? '';
}

/** @throws {Refusal} 400, 403, 404 or 405 */
export function endpointOf(req: IncomingMessage, isLocal: boolean): Endpoint {
  // A web page whose host name was pointed at this machine (DNS rebinding) still names that host.
  if (isLocal && !LOOPBACK_HEADER.test(req.headers.host ?? '')) {
    throw new Refusal(403, 'Forbidden: the Host header must be localhost, 127.0.0.1 or [::1].');
  }
  const path = pathOf(req);
  const endpoint = ENDPOINTS.get(path);
  if (!endpoint)
    throw new Refusal(404, 'Not found: the inspector has events/track and heartbeat under /api/v2.');
  const { name, method } = endpoint;
  if (req.method !== method) throw new Refusal(405, `Method not allowed: use ${method}.`, { allow: method });
  const query = new URLSearchParams(req.url?.slice(path.length));
  if (query.has('auth_token') || query.has('tracking_api_key')) {
    throw new Refusal(
      400,
      'Bad request: a credential in the query string would land in access logs. Send auth_token in the body.',
    );
  }
  return name;
}
