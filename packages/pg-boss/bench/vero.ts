// A Vero in a process of its own, so that it takes nothing from what is measured.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export type FromVero =
  | { readonly kind: 'listening'; readonly port: number }
  /** When it had all that was to come, in milliseconds since 1970. */
  | { readonly kind: 'all'; readonly at: number }
  | { readonly kind: 'counted'; readonly events: number; readonly cpuMs: number }
  /** How long after it was tracked each event came, in milliseconds. */
  | { readonly kind: 'delays'; readonly delays: readonly number[] };
export type ToVero =
  | { readonly expect: number; readonly latencyMs: number; readonly readsDelays?: boolean }
  | 'count'
  | 'delays';

const ANSWER = '{"status":200,"message":"Success."}';
let [latencyMs, expected, events] = [0, 0, 0];
let readsDelays = false;
let delays: number[] = [];
let cpu = process.cpuUsage();
const tell = (message: FromVero): void => void process.send?.(message);

const server = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => void (readsDelays && chunks.push(chunk)));
  req.once('end', async () => {
    if (readsDelays) noteDelay(Buffer.concat(chunks).toString());
    if (latencyMs > 0) await wait(latencyMs);
    res.writeHead(200, { 'content-type': 'application/json' }).end(ANSWER);
    if (++events === expected) tell({ kind: 'all', at: Date.now() });
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () =>
  tell({ kind: 'listening', port: (server.address() as AddressInfo).port }),
);

process.on('message', (message: ToVero) => {
  if (message === 'count') {
    const { user, system } = process.cpuUsage(cpu);
    return tell({ kind: 'counted', events, cpuMs: (user + system) / 1_000 });
  }
  if (message === 'delays') return tell({ kind: 'delays', delays });
  ({ latencyMs, expect: expected, readsDelays = false } = message);
  events = 0;
  delays = [];
  cpu = process.cpuUsage();
});
process.on('disconnect', () => process.exit());

function noteDelay(body: string): void {
  const { data } = JSON.parse(body) as { data: { tracked_at: number } };
  delays.push(Date.now() - data.tracked_at);
}
