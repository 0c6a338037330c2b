/**
 * A stand-in for Vero, as bare as Node allows: it takes what comes, answers as Vero does after a while, and counts. It
 * also takes the batches of the peers. What it does is told by requests below `/-/`.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

const ANSWER = '{"status":200,"message":"Success."}';
const HEADERS = { 'content-type': 'application/json', 'content-length': ANSWER.length };
let latencyMs = 0;
let [requests, events] = [0, 0];
/** Answers that are held back, while they are. */
let held: ServerResponse[] | undefined;

const server = createServer((req, res) => {
  const url = req.url ?? '';
  if (url.startsWith('/-/')) return control(url.slice(3), res);
  const isBatch = url.includes('/batch');
  const chunks: Buffer[] = [];
  if (isBatch) req.on('data', (chunk: Buffer) => void chunks.push(chunk));
  else req.resume();
  req.once('end', () => {
    requests++;
    events += isBatch ? eventsOf(req, Buffer.concat(chunks)) : 1;
    if (held) held.push(res);
    else if (latencyMs > 0) setTimeout(answer, latencyMs, res);
    else answer(res);
  });
});
server.keepAliveTimeout = 120_000;
// Bursts open as many connections as they have requests.
server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () =>
  process.send?.((server.address() as AddressInfo).port),
);
process.on('disconnect', () => process.exit());

function answer(res: ServerResponse): void {
  res.writeHead(200, HEADERS).end(ANSWER);
}

function eventsOf({ headers }: IncomingMessage, body: Buffer): number {
  const text = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
  return (JSON.parse(text.toString()) as { batch: unknown[] }).batch.length;
}

function control(what: string, res: ServerResponse): void {
  const [name, value] = what.split('/');
  if (name === 'latency') latencyMs = Number(value);
  if (name === 'reset') [requests, events] = [0, 0];
  if (name === 'hold') held ??= [];
  if (name === 'release') {
    for (const waiting of held ?? []) answer(waiting);
    held = undefined;
  }
  res.end(JSON.stringify({ requests, events }));
}
