import type { IncomingHttpHeaders } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { listen } from '../../test-helpers/listen.ts';

export interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly at: number;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface StandIn {
  readonly url: string;
  readonly requests: readonly Received[];
  /** What was in the batches of Segment, PostHog or RudderStack. */
  messages(): Message[];
}

/** A message as Segment, PostHog and RudderStack have it in their batches. */
export interface Message {
  readonly type?: string;
  readonly event?: string;
  readonly userId?: string;
  readonly distinct_id?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly traits?: Readonly<Record<string, unknown>>;
  readonly context?: { readonly traits?: Readonly<Record<string, unknown>> };
  readonly integrations?: Readonly<Record<string, unknown>>;
  readonly timestamp?: string;
  readonly messageId?: string;
}

/**
 * Stands for the service of a peer: keeps every request.
 *
 * @param answers - what it answers, one after the other, the last one from then on; `'never'` leaves a request open, `'drop'`
 *   ends its connection
 */
export async function standIn(...answers: readonly (Answer | 'never' | 'drop')[]): Promise<StandIn> {
  const requests: Received[] = [];
  let asked = 0;
  const url = await listen(async (req, res) => {
    const answer = answers[Math.min(asked++, answers.length - 1)] ?? { status: 200 };
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const body = (req.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
    requests.push({ method: req.method, url: req.url, headers: req.headers, body, at: Date.now() });
    if (answer === 'never') return;
    if (answer === 'drop') return void req.socket.destroy();
    res.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end('{}');
  });
  const messages = () =>
    requests.flatMap(({ body }) => (body ? (JSON.parse(body) as { batch: Message[] }).batch : []));
  return { url, requests, messages };
}
