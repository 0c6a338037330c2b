// A Vero in a process of its own, so that it takes nothing from what is measured.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export type FromVero =
  | { readonly kind: 'listening'; readonly port: number }
  /** When it had all that was to come, in milliseconds since 1970. */
  | { readonly kind: 'all'; readonly at: number }
  | { readonly kind: 'counted'; readonly events: number; readonly cpuMs: number };
export type ToVero = { readonly expect: number; readonly latencyMs: number } | 'count';

const ANSWER = '{"status":200,"message":"Success."}';
let [latencyMs, expected, events] = [0, 0, 0];
let cpu = process.cpuUsage();
const tell = (message: FromVero): void => void process.send?.(message);

const server = createServer((req, res) => {
  req.resume().once('end', async () => {
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
  ({ latencyMs, expect: expected } = message);
  events = 0;
  cpu = process.cpuUsage();
});
process.on('disconnect', () => process.exit());
