import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { answering } from './helpers.ts';
import type { VeroState } from './setup.ts';

/** A stand-in for Vero, and for the servers of its peers: takes everything, and counts the events. */

export type VeroQuestion = { readonly start: VeroState } | { readonly events: true };

const SLOW_MS = 2_000;
let events = 0;
/** Of peers, opened when the count is asked for. */
const batches: Buffer[] = [];

answering(async (question: VeroQuestion) => {
  if (!('start' in question)) return eventsSoFar();
  const server = createServer((request, response) => {
    const isBatch = request.url?.includes('batch');
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => {
      if (isBatch) chunks.push(chunk);
    });
    request.on('end', () => {
      if (isBatch) batches.push(Buffer.concat(chunks));
      else events++;
      const answer = (): void => {
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"success":true}');
      };
      if (question.start === 'slow') setTimeout(answer, SLOW_MS);
      else answer();
    });
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
  // A port that was free a moment ago refuses connections.
  if (question.start === 'down') server.close();
  return port;
});

function eventsSoFar(): number {
  for (const body of batches.splice(0)) {
    const isZipped = body[0] === 0x1f && body[1] === 0x8b;
    const { batch = [] } = JSON.parse(String(isZipped ? gunzipSync(body) : body)) as { batch?: unknown[] };
    events += batch.length;
  }
  return events;
}
